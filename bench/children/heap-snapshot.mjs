// SPDX-License-Identifier: MIT
// A forked process of parts/snapshot.mjs: reports how long v8.writeHeapSnapshot() blocks a process
// with as many megabytes of the same objects as in snapshot.mjs, in ms.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';

globalThis.keep = [];
for (let bytes = 0; bytes < Number(process.argv[2]) * 1e6; bytes += 1000) {
  globalThis.keep.push({ id: bytes, name: `n${bytes}`, values: new Array(100).fill(bytes) });
}
const file = join(tmpdir(), `${process.pid}.heapsnapshot`);
const begun = performance.now();
writeHeapSnapshot(file);
process.send(performance.now() - begun);
rmSync(file);
process.disconnect();
