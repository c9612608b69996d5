// SPDX-License-Identifier: MIT
// Does on import what the environment says; see register.ts.
import { isTracing, start } from '../tracer.js';
import { readEnvironment } from './environment.js';
import { startOnDemand } from './on-demand.js';
import { shareSnapshotsWithWorkers } from './process-snapshot.js';
import { createReporter } from './reporter.js';
import { isTerminal, writeLine } from './stderr.js';

const environment = readEnvironment(process.env, { isTerminal: isTerminal() });

for (const warning of environment.warnings) writeLine(`tracemalloc: ${warning}`);

if (environment.enabled && !isTracing()) {
  try {
    const { tracebackLimit, sampleInterval, domains, sourceMaps } = environment;
    start({ tracebackLimit, sampleInterval, domains, sourceMaps });
    if (environment.reportEvery > 0) {
      createReporter({
        every: environment.reportEvery,
        top: environment.top,
        keyType: environment.keyType,
        format: environment.format,
      });
    }
    shareSnapshotsWithWorkers();
    startOnDemand(environment);
  } catch (error) {
    writeLine(`tracemalloc: not tracing: ${error instanceof Error ? error.message : error}`);
  }
}
