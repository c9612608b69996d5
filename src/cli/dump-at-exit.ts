// SPDX-License-Identifier: MIT
// Runs in the program's process, before it: writes its last snapshot where `tracemalloc run -o` says.
import { toPprof } from '../exporters/pprof.js';
import { beforeEnd } from '../service/process-events.js';
import { writeLine } from '../service/stderr.js';
import { isTracing, takeSnapshot } from '../tracer.js';
import { writeWholeSync } from '../whole-file.js';

const { isMainThread } = process.getBuiltinModule('node:worker_threads');

const VARIABLE = 'TRACEMALLOC_RUN_OUTPUT';
const output = process.env[VARIABLE];

if (output !== undefined && isMainThread) {
  // Processes that the program starts must not write to the same file.
  delete process.env[VARIABLE];
  beforeEnd(() => {
    if (!isTracing()) return;
    try {
      writeWholeSync(output, toPprof(takeSnapshot({ ledger: true })));
      writeLine(`tracemalloc: wrote ${output}`);
    } catch (error) {
      writeLine(`tracemalloc: no snapshot: ${error instanceof Error ? error.message : error}`);
    }
  });
}
