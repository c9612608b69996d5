// SPDX-License-Identifier: MIT
// Reports at an interval, to stderr or a logger. A reporter does not delay the exit, and an error
// here ends the reports, never the service.
import { quietly } from '../host/quietly.js';
import { pause, runInSlices } from '../host/steps.js';
import { OPTIONS } from '../options.js';
import { type Report, Reports } from '../report/report.js';
import { formatReport } from '../report/report-text.js';
import { checkOptions, requireKnownOptions } from '../rules.js';
import type { KeyType } from '../snapshot/grouping.js';
import { plainJson } from '../text/plain-text.js';
import { isTracing, takeSnapshot } from '../tracer.js';
import { rememberSuspects } from './known-suspects.js';
import { type Logger, loggerSink } from './logger.js';
import { momentNow } from './moment.js';
import { readingRecentLedger } from './recent-ledger.js';
import { complain, isTerminal, writeLine } from './stderr.js';
import { watch } from './watch.js';

const { channel } = process.getBuiltinModule('node:diagnostics_channel');

/** What the reporter accepts. */
export interface ReporterOptions {
  /** Time between reports: a text such as `'60s'`, or milliseconds. Default `'60s'`. */
  every?: string | number;
  /** Rows of each list, 1 to 1000. Default 10. */
  top?: number;
  /** What sites are grouped by. Default `'lineno'`. */
  keyType?: KeyType;
  /** On stderr: one line of JSON, or text. Default `'json'`; `'text'` when stderr is a terminal. */
  format?: 'json' | 'text';
  /**
   * Where reports go instead of stderr: a pino, bunyan or winston logger, which gets the report as
   * the field `tracemalloc`; `console`, which gets text; or a function, which gets the report.
   */
  logger?: Logger;
}

/** Reports until it is stopped. */
export interface Reporter {
  /** Ends the reports. Idempotent. */
  stop(): void;
}

const { every, top, keyType, format } = OPTIONS;
const RULES = { every, top, keyType, format };

const published = channel('tracemalloc:report');

/** See late.ts. */
export function createReporter(options: ReporterOptions = {}): Reporter {
  requireKnownOptions(options, ['every', 'top', 'keyType', 'format', 'logger']);
  const { logger, ...given } = options;
  const { every, top, keyType } = checkOptions(RULES, given);
  const { format } = options; // the default depends on the destination
  const write = logger === undefined ? stderrSink(format) : loggerSink(logger);
  const changes = watch({ every, keyType });
  const reports = new Reports({ top, keyType, baseline: takeSnapshot() });
  let isStopped = false;
  const report = async () => {
    try {
      for await (const { snapshot } of changes) {
        // In parts, so that none of them delays the service.
        const moment = momentNow();
        await pause();
        const ledger = await runInSlices(readingRecentLedger());
        await pause();
        const report = await runInSlices(reports.composing(snapshot, { ...moment, ledger }));
        if (isStopped || !isTracing()) break;
        rememberSuspects(report.suspects);
        published.publish(report);
        write(report);
      }
    } catch (error) {
      complain('no more reports', error);
      quietly(() => void changes.return?.());
    }
  };
  void report();
  return {
    stop: () => {
      isStopped = true;
      void changes.return?.();
    },
  };
}

function stderrSink(format: 'json' | 'text' = isTerminal() ? 'text' : 'json') {
  return (report: Report) =>
    writeLine(format === 'json' ? plainJson(report) : formatReport(report));
}
