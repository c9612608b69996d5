// SPDX-License-Identifier: MIT
// What grew between two snapshots, here with the first one read from a file.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Snapshot, start, takeSnapshot } from 'tracemalloc';

start({ sampleInterval: 4096 });
const directory = await mkdtemp(join(tmpdir(), 'recipe-'));
const path = join(directory, 'before.pb.gz');
await takeSnapshot().dump(path);
const kept = Array.from({ length: 20_000 }, (_, id) => ({ id }));
const [grown] = takeSnapshot().compareTo(await Snapshot.load(path), 'lineno');
console.log(String(grown));
console.log(`${kept.length} kept`);
await rm(directory, { recursive: true });
