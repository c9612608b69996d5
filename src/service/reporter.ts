// SPDX-License-Identifier: MIT
// Reports at an interval, to stderr or a logger. A reporter does not delay the exit, and an error
// here ends the reports, never the service. The main thread's knocks at the other threads: one
// whose event loop does not turn, such as an idle worker of a pool, reports then.
import { quietly } from '../host/quietly.js';
import { monotonicNow } from '../host/real-time.js';
import { runInSlices, runThrough, type Steps } from '../host/steps.js';
import { threadId } from '../host/thread.js';
import { OPTIONS } from '../options.js';
import { type ReportFormat, writtenReport } from '../report/formats.js';
import type { Report } from '../report/report.js';
import { Reports } from '../report/series.js';
import { checkOptions, requireKnownOptions } from '../rules.js';
import { ageMark } from '../session.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { isTracing, takeSnapshot } from '../tracer.js';
import type { Frames } from '../traces/charge.js';
import { knock, onKnock, otherThreads } from './knocks.js';
import { rememberSuspects } from './known-suspects.js';
import { type Logger, loggerSink } from './logger.js';
import { momentNow } from './moment.js';
import { readingRecentLedger } from './recent-ledger.js';
import { complain, isTerminal, writeLine } from './stderr.js';
import { SuspectRetainers } from './suspect-retainers.js';
import { watch } from './watch.js';

const { channel } = process.getBuiltinModule('node:diagnostics_channel');

/** What the reporter accepts. */
export interface ReporterOptions {
  /** Time between reports: a text such as `'60s'`, or milliseconds. Default `'60s'`. */
  every?: string | number;
  /** Sites in a report, 1 to 1000. Default 8. */
  top?: number;
  /** What sites are grouped by. Default `'lineno'`. */
  keyType?: KeyType;
  /**
   * Which frame of a stack is its site: `'own'` (default): the innermost of your own code; `'app'`:
   * the innermost that is not Node's; `'all'`: the innermost. Where there is none, the next applies.
   */
  frames?: Frames;
  /**
   * On stderr: one line of JSON, text, or Markdown. Default `'json'`; `'text'` when stderr is a
   * terminal.
   */
  format?: ReportFormat;
  /**
   * `'suspects'`: a search, as of `findRetainers`, for what keeps the objects of a new suspect alive,
   * one a minute at most and of 10 s at most; the next report has what it found. A program that
   * ends by itself meanwhile ends when the search has. Experimental. Default `'off'`.
   */
  retainers?: 'off' | 'suspects';
  /**
   * Where reports go instead of stderr: a pino, bunyan or winston logger, which gets the report as
   * the field `tracemalloc`; `console`, which gets text; or a function, which gets the report. A
   * logger is called by `warn` if a suspect is growing, else by `info`.
   */
  logger?: Logger;
}

/** Reports until it is stopped. */
export interface Reporter {
  /** Ends the reports. Idempotent. */
  stop(): void;
}

const { every, top, keyType, frames, format, suspectRetainers: retainers } = OPTIONS;
const RULES = { every, top, keyType, frames, format, retainers };

const published = channel('tracemalloc:report');

/** See late.ts. */
export function createReporter(options: ReporterOptions = {}): Reporter {
  requireKnownOptions(options, [...Object.keys(RULES), 'logger']);
  const { logger, ...given } = options;
  const { every, top, keyType, frames, retainers } = checkOptions(RULES, given);
  const { format } = options; // the default depends on the destination
  const write = logger === undefined ? stderrSink(format) : loggerSink(logger);
  const changes = watch({ every });
  const baseline = takeSnapshot();
  const reports = new Reports({ top, keyType, frames, baseline, ageMark: ageMark() });
  let isStopped = false;
  let isComposing = false;
  let reported = monotonicNow();
  const holders = retainers === 'suspects' ? new SuspectRetainers() : undefined;
  const publish = (composed: Report) => {
    reported = monotonicNow();
    const suspects = holders?.withFound(composed.suspects) ?? composed.suspects;
    const report = { ...composed, suspects };
    holders?.observe(suspects);
    rememberSuspects(suspects);
    published.publish(report);
    write(report);
  };
  const report = async () => {
    try {
      for await (const { snapshot } of changes) {
        // In parts, so that none of them delays the service.
        isComposing = true;
        const report = await runInSlices(composing(reports, snapshot));
        isComposing = false;
        if (isStopped || !isTracing()) break;
        publish(report);
        if (threadId === 0) knock(otherThreads());
      }
    } catch (error) {
      complain('no more reports', error);
      quietly(() => void changes.return?.());
    }
    forgetKnocks();
  };
  const forgetKnocks = onKnock(() => {
    // Its own timer has been due for a while, so it can't be running. The program's logger, and what
    // listens on the channel, may be: they are not called in the middle of what the thread does.
    const isProgrammed = logger !== undefined || published.hasSubscribers;
    if (isProgrammed || isComposing || isStopped) return;
    if (monotonicNow() - reported < 1.5 * every) return;
    publish(runThrough(composing(reports, takeSnapshot())));
  });
  void report();
  return {
    stop: () => {
      isStopped = true;
      forgetKnocks();
      void changes.return?.();
    },
  };
}

function* composing(reports: Reports, snapshot: Snapshot): Steps<Report> {
  const moment = momentNow();
  yield;
  const ledger = yield* readingRecentLedger();
  yield;
  return yield* reports.composing(snapshot, { ...moment, ledger });
}

function stderrSink(format: ReportFormat = isTerminal() ? 'text' : 'json') {
  return (report: Report) => writeLine(writtenReport(report, format));
}
