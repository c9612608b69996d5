// SPDX-License-Identifier: MIT
// Runs in the program's process: writes its last snapshot where `tracemalloc run -o` says.
import { toPprof } from '../exporters/pprof.js';
import { writeWholeSync } from '../files/whole-file.js';
import { beforeEnd } from '../service/process-events.js';
import { complain, writeNote } from '../service/stderr.js';
import { isTracing, takeSnapshot } from '../tracer.js';

export function dumpAtExit(output: string): void {
  beforeEnd(() => {
    if (!isTracing()) return;
    try {
      writeWholeSync(output, toPprof(takeSnapshot({ ledger: true, ages: true })));
      writeNote(`wrote ${output}`);
    } catch (error) {
      complain('no snapshot', error);
    }
  });
}
