// SPDX-License-Identifier: MIT
// One snapshot of all threads of the process, with a time limit for threads that can't answer.
import { quietly } from '../host/quietly.js';
import { monotonicNow } from '../host/real-time.js';
import { runInSlices } from '../host/steps.js';
import { threadId } from '../host/thread.js';
import { OPTIONS } from '../options.js';
import type { Report } from '../report/report.js';
import { makeReport } from '../report/series.js';
import { checkOptions } from '../rules.js';
import { onStop } from '../session.js';
import type { KeyType } from '../snapshot/grouping.js';
import { Snapshot } from '../snapshot/snapshot.js';
import type { TracedMemory } from '../status.js';
import { getTracedMemory, isTracing, takeSnapshot } from '../tracer.js';
import type { Frames } from '../traces/charge.js';
import { otherThreads } from './knocks.js';
import { readingRecentLedger } from './recent-ledger.js';
import { Answering, askThreads } from './thread-questions.js';

const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');

/** See `takeProcessSnapshot`. */
export interface ProcessSnapshotOptions {
  /** How long to wait for other threads: `'5s'`, the default, or milliseconds. */
  timeout?: string | number;
  /** Also say how old what lives is, as `takeSnapshot({ ages: true })`. Default false. */
  ages?: boolean;
}

/** The result of `takeProcessSnapshot`. */
export interface ProcessSnapshot {
  /** This thread and all that answered, merged. */
  readonly snapshot: Snapshot;
  /** Sums over these threads, bytes. Their peaks need not have been at the same time. */
  readonly traced: TracedMemory;
  /** The threads whose memory is in the snapshot, ascending; 0 is the main thread. */
  readonly threads: readonly number[];
  /** Threads that trace but did not answer in time: too busy, ended meanwhile, or not sharing. */
  readonly silentThreads: readonly number[];
}

let shared: Answering | undefined;

/** See late.ts. */
export function shareSnapshots(): void {
  if (shared !== undefined) return;
  takeSnapshot(); // throws when not tracing
  share();
}

/**
 * As {@link shareSnapshots} while tracing, from when there is another thread that could ask: a main
 * thread without workers does not load the modules for channels.
 */
export function shareSnapshotsWithWorkers(): void {
  if (threadId !== 0) {
    share();
    return;
  }
  // Node calls this for each new Worker; the service sees no additional listener.
  // An exception here would end the process.
  const shareQuietly = () => quietly(share);
  subscribe('worker_threads', shareQuietly);
  const forget = onStop(() => {
    forget();
    unsubscribe('worker_threads', shareQuietly);
  });
}

function share(): void {
  if (shared !== undefined) return;
  const answering = new Answering();
  shared = answering;
  const forget = onStop(() => {
    forget();
    answering.close();
    shared = undefined;
  });
}

/** See late.ts. */
export async function takeProcessSnapshot(
  options: ProcessSnapshotOptions = {},
): Promise<ProcessSnapshot> {
  const rules = { timeout: OPTIONS.answerTimeout, ages: OPTIONS.ages };
  const { timeout, ages } = checkOptions(rules, options);
  const deadline = monotonicNow() + timeout;
  const others = isTracing() ? otherThreads() : [];
  // Other threads are asked first: they work while this thread takes its own snapshot.
  const asked = others.length === 0 ? [] : askThreads(others, { deadline, ages });
  const own = takeSnapshot({ ages });
  const traced = getTracedMemory();
  const answers = await asked;
  const answered = answers.map((answer) => answer.threadId);
  const sum = (figure: 'current' | 'peak') =>
    answers.reduce((total, answer) => total + answer.traced[figure], traced[figure]);
  return {
    snapshot: Snapshot.merge([own, ...answers.map(({ snapshot }) => snapshot)]),
    traced: { current: sum('current'), peak: sum('peak') },
    threads: [threadId, ...answered].sort((a, b) => a - b),
    silentThreads: others.filter((id) => !answered.includes(id)),
  };
}

/** See `takeProcessReport`. */
export interface ProcessReportOptions extends Pick<ProcessSnapshotOptions, 'timeout'> {
  /** Sites in the report, 1 to 1000. Default 8. */
  top?: number;
  /** What sites are grouped by. Default `'lineno'`. */
  keyType?: KeyType;
  /** Which frame of a stack is its site, as in {@link ReporterOptions}. Default `'own'`. */
  frames?: Frames;
}

/** See late.ts. */
export async function takeProcessReport(options: ProcessReportOptions = {}): Promise<Report> {
  const { answerTimeout: timeoutRule, ...others } = OPTIONS;
  const { timeout, ...sites } = checkOptions(
    { timeout: timeoutRule, top: others.top, keyType: others.keyType, frames: others.frames },
    options,
  );
  const [taken, ledger] = await Promise.all([
    takeProcessSnapshot({ timeout }),
    runInSlices(readingRecentLedger()),
  ]);
  const { snapshot, traced, threads, silentThreads } = taken;
  const previous = new Snapshot([], snapshot);
  return {
    ...makeReport({ snapshot, previous, traced, ledger, ...sites }),
    threads,
    silentThreads,
  };
}
