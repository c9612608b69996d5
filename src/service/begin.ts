// SPDX-License-Identifier: MIT
// Starts on import what the environment asks for; register.ts reports why it could not.
import { threadId } from '../host/thread.js';
import parts from '../late-parts.cjs';
import { isTracing, start, stop } from '../tracer.js';
import { type Environment, readEnvironment } from './environment.js';
import { traceEvalWorkers } from './eval-workers.js';
import { startOnDemand } from './on-demand.js';
import { shareSnapshotsWithWorkers } from './process-snapshot.js';
import { createReporter } from './reporter.js';
import { isTerminal, writeNote } from './stderr.js';

// From `tracemalloc run -o`. Processes that the program starts must not write to the same file.
const OUTPUT = 'TRACEMALLOC_RUN_OUTPUT';
const output = process.env[OUTPUT];
if (output !== undefined) delete process.env[OUTPUT];

const environment = readEnvironment(process.env, { isTerminal: isTerminal() });

for (const warning of environment.warnings) writeNote(warning);

/** Why it could not be started. Not thrown, since Deno's require() loses errors of modules. */
export let failure: unknown;

if (environment.enabled && !isTracing()) {
  try {
    begin(environment);
  } catch (error) {
    stop(); // all of it or nothing
    failure = error;
  }
}

function begin(environment: Environment): void {
  const { tracebackLimit, sampleInterval, domains, sourceMaps, routes } = environment;
  start({ tracebackLimit, sampleInterval, domains, sourceMaps, routes });
  if (environment.reportEvery > 0) {
    createReporter({
      every: environment.reportEvery,
      top: environment.top,
      keyType: environment.keyType,
      frames: environment.frames,
      format: environment.format,
      retainers: environment.retainers,
    });
  }
  shareSnapshotsWithWorkers();
  startOnDemand(environment);
  traceEvalWorkers();
  if (output !== undefined && threadId === 0) parts.dumpAtExit().dumpAtExit(output);
}
