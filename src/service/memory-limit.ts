// SPDX-License-Identifier: MIT
// Reports before the kernel ends the process for its memory: in a container the limit is that of a
// control group, and V8 knows nothing of it. A thread of the addon's watches it, and knocks when a
// mark is passed; each thread that holds much then reports, in the middle of whatever it is doing.
import { loadedAddon } from '../addon/loader.js';
import { TracemallocError, translateErrors } from '../errors.js';
import { quietly } from '../host/quietly.js';
import { setTimeout } from '../host/real-time.js';
import { runInSlices, type Steps } from '../host/steps.js';
import { threadId } from '../host/thread.js';
import type { MemoryLedger } from '../ledger/ledger.js';
import { getMemoryLedger } from '../ledger/read.js';
import { OPTIONS } from '../options.js';
import { type ReportFormat, writtenReport } from '../report/formats.js';
import { processOrigin } from '../report/origin.js';
import { Reports, type ReportsOptions } from '../report/series.js';
import { checkOptions, requireKnownOptions } from '../rules.js';
import { onStop, preparing } from '../session.js';
import type { KeyType } from '../snapshot/grouping.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { plainJson } from '../text/plain-text.js';
import { getTracedMemory, isTracing, takeSnapshot } from '../tracer.js';
import type { Frames } from '../traces/charge.js';
import { checkDirectory } from './dump-path.js';
import { onKnock } from './knocks.js';
import { momentNow } from './moment.js';
import { readingRecentLedger } from './recent-ledger.js';
import { ReportSeries } from './report-series.js';

/** What {@link reportNearMemoryLimit} accepts. */
export interface MemoryLimitOptions {
  /**
   * Bytes, or a text such as `'512MiB'`, of the process's RSS; `'auto'`, the default: the limits of
   * its control groups, less pages of files, which the kernel can take back; 0: never.
   */
  limit?: number | string;
  /** Percentages of the limit, ascending, 1 to 99. Default 80, 90 and 95. */
  marks?: readonly number[];
  /** Sites in a report, 1 to 1000. Default 8. */
  top?: number;
  /** What sites are grouped by. Default `'lineno'`. */
  keyType?: KeyType;
  /** Which frame of a stack is its site. Default `'own'`. */
  frames?: Frames;
  /** One line of JSON, the default, text or Markdown. */
  format?: ReportFormat;
  /** Where a profile is written as well, which `Snapshot.load` reads. Default: nowhere. */
  directory?: string | undefined;
}

const { processLimit: limit, memoryMarks: marks, top, keyType, frames, format } = OPTIONS;
const RULES = { limit, marks, top, keyType, frames, format };

/** A worker with less of the limit than this does not report; the main thread always does. */
const LEAST_SHARE = 1 / 20;

/**
 * When the ledger is read with which later ones are compared: until then the process loads its
 * modules.
 */
const REHEARSAL_MS = 1000;

/** Ends what the last call in this thread has begun. */
let endCurrent = () => {};

/** See late.ts. */
export function reportNearMemoryLimit(options: MemoryLimitOptions = {}): () => void {
  requireKnownOptions(options, [...Object.keys(RULES), 'directory']);
  const { directory, ...given } = options;
  const { limit, marks, ...shape } = checkOptions(RULES, given);
  const path = directory === undefined ? undefined : checkDirectory(directory);
  if (!isTracing()) {
    throw new TracemallocError('ERR_NOT_TRACING', 'not tracing: call start() first');
  }
  endCurrent();
  const addon = loadedAddon();
  if (addon === undefined || limit === 0) return () => {};
  let answered = 0;
  let series: ReportSeries | undefined;
  let ledger: MemoryLedger | undefined;
  const answer = () => {
    // A call may still be waiting for the event loop after the end.
    if (endCurrent !== end || !isTracing()) return;
    const mark = addon.memoryMark();
    if (mark === undefined || mark.number <= answered) return;
    answered = mark.number;
    const isSmall = getTracedMemory().current < mark.limit * LEAST_SHARE;
    if (threadId !== 0 && isSmall) return;
    addon.beginMemoryReport(mark.number);
    try {
      series ??= new ReportSeries({
        ...{ ...shape, directory: path, baseline: nothing() },
        ...(ledger ? { ledger } : {}),
      });
      series.reportAndDumpSync(getMemoryLedger, mark);
    } finally {
      addon.endMemoryReport();
    }
  };
  const forgetKnocks = onKnock(answer);
  const end = () => {
    if (endCurrent !== end) return;
    endCurrent = () => {};
    forget();
    forgetKnocks();
    addon.ignoreMemoryMarks();
  };
  const forget = onStop(end);
  endCurrent = end;
  const isOfOther = addon.listenToMemoryMarks(() => quietly(answer));
  const watch = () =>
    translateErrors(() =>
      addon.watchMemoryLimit({
        limit: limit === 'auto' ? 0 : limit,
        percents: [...marks],
        // Native code writes it, which has no Markdown.
        format: shape.format === 'json' ? 'json' : 'text',
        facts: plainJson({
          ...{ name: 'tracemalloc', version: 1, level: 'error' },
          ...{ pid: process.pid, threadId, ...processOrigin() },
        }).slice(1, -1),
      }),
    );
  // A worker of a main thread that watches has nothing to add.
  if ((isOfOther && threadId !== 0) || watch()) {
    const rehearse = async () => {
      try {
        if (isTracing()) ledger = await runInSlices(readingRecentLedger());
        if (isTracing()) await runInSlices(rehearsing(shape));
      } catch {
        // If something fails here, the real report will say so.
      }
    };
    setTimeout(() => void rehearse(), REHEARSAL_MS).unref();
  }
  return end;
}

type Rehearsed = Pick<ReportsOptions, 'top' | 'keyType' | 'frames'> & {
  readonly format: ReportFormat;
};

// A first report takes a hundred times as long as the second, in which a fast leak reaches the limit.
function* rehearsing({ format, ...shape }: Rehearsed): Steps<void> {
  yield* preparing();
  const reports = new Reports({ ...shape, baseline: nothing() });
  writtenReport(yield* reports.composing(takeSnapshot(), momentNow()), format);
}

/** An empty baseline, so that the growth since start is all that is live. */
function nothing(): Snapshot {
  return new Snapshot([], takeSnapshot());
}
