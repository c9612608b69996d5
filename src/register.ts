// SPDX-License-Identifier: MIT
// The one module with side effects on import: does what the environment says, and nothing at all
// when TRACEMALLOC is not set. For --require, --import, NODE_OPTIONS, or a service's first line.
import { isatty } from 'node:tty';
import { readEnvironment } from './service/environment.js';
import { startOnDemand } from './service/on-demand.js';
import { createReporter, writeLine } from './service/reporter.js';
import { isTracing, start } from './tracer.js';

const environment = readEnvironment(process.env, { isTerminal: isatty(2) });

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
    startOnDemand(environment);
  } catch (error) {
    writeLine(`tracemalloc: not tracing: ${error instanceof Error ? error.message : error}`);
  }
}
