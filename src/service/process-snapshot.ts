// SPDX-License-Identifier: MIT
// One snapshot of all threads of the process. Who asks calls out on one channel and listens for
// answers on a channel of its own; nobody waits for who can't answer.
import { loadedAddon } from '../addon-loader.js';
import { clearTimeout, setTimeout } from '../real-time.js';
import { type KeyType, Snapshot } from '../snapshot/snapshot.js';
import type { TracedMemory } from '../status.js';
import { threadId } from '../thread.js';
import { getTracedMemory, isTracing, onStop, takeSnapshot } from '../tracer.js';
import { requireDuration } from './duration.js';
import { recentLedger } from './recent-ledger.js';
import { makeReport, type Report } from './report.js';

const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');

const QUESTIONS = 'tracemalloc:snapshots';

interface Question {
  readonly from: number;
  /** Name of the channel for the answers. */
  readonly answerTo: string;
}

interface Answer {
  readonly threadId: number;
  /** The snapshot, as pprof. */
  readonly profile: Uint8Array;
  readonly traced: TracedMemory;
}

/** See `takeProcessSnapshot`. */
export interface ProcessSnapshotOptions {
  /** How long to wait for other threads: `'5s'`, the default, or milliseconds. */
  timeout?: string | number;
}

/** What `takeProcessSnapshot` answers. */
export interface ProcessSnapshot {
  /** Of all threads that answered and this one, merged. */
  readonly snapshot: Snapshot;
  /** Sums over these threads, bytes. They need not have had their peaks at the same time. */
  readonly traced: TracedMemory;
  /** Whose memory is in the snapshot, ascending; 0 is the main thread. */
  readonly threads: readonly number[];
  /** Who traces and did not answer in time: blocked, ended meanwhile, or not sharing. */
  readonly silentThreads: readonly number[];
}

let shared: InstanceType<typeof BroadcastChannel> | undefined;

/** See late.ts. */
export function shareSnapshots(): void {
  if (shared !== undefined) return;
  takeSnapshot(); // throws when not tracing
  share();
}

/**
 * As {@link shareSnapshots} while tracing, from the moment when there is another thread that could
 * ask: a main thread without threads of its own does without what channels load.
 */
export function shareSnapshotsWithWorkers(): void {
  if (threadId !== 0) {
    share();
    return;
  }
  // Node tells it of each new Worker; the service, which may look, sees no listener.
  subscribe('worker_threads', share);
  const forget = onStop(() => {
    forget();
    unsubscribe('worker_threads', share);
  });
}

function share(): void {
  if (shared !== undefined) return;
  const questions = new BroadcastChannel(QUESTIONS);
  questions.onmessage = ({ data }: { data: unknown }) => void answer(data as Question);
  questions.unref();
  shared = questions;
  const forget = onStop(() => {
    forget();
    questions.close();
    shared = undefined;
  });
}

// Profiles' code is loaded by who needs it: most processes never do.
async function answer({ from, answerTo }: Question): Promise<void> {
  if (from === threadId || !isTracing()) return;
  const channel = new BroadcastChannel(answerTo);
  try {
    const { encodeProfile } = await import('../pprof/encode.js');
    const snapshot = takeSnapshot();
    const profile = encodeProfile({ traces: snapshot.traces, facts: snapshot });
    channel.postMessage({ threadId, profile, traced: getTracedMemory() } satisfies Answer);
  } catch {
    // Who asks sees that there is no answer.
  } finally {
    channel.close();
  }
}

/** See late.ts. */
export async function takeProcessSnapshot(
  options: ProcessSnapshotOptions = {},
): Promise<ProcessSnapshot> {
  const timeout = requireDuration('timeout', options.timeout ?? '5s');
  const own = takeSnapshot();
  const traced = getTracedMemory();
  const others = tracingThreads().filter((id) => id !== threadId);
  const answers = others.length === 0 ? [] : await ask(others, timeout);
  const { decodeProfile } = await import('../pprof/decode.js');
  const snapshots = answers.map(({ profile }) => {
    const { traces, facts } = decodeProfile(profile);
    return new Snapshot(traces, facts);
  });
  const answered = answers.map((answer) => answer.threadId);
  const sum = (figure: 'current' | 'peak') =>
    answers.reduce((total, answer) => total + answer.traced[figure], traced[figure]);
  return {
    snapshot: Snapshot.merge([own, ...snapshots]),
    traced: { current: sum('current'), peak: sum('peak') },
    threads: [threadId, ...answered].sort((a, b) => a - b),
    silentThreads: others.filter((id) => !answered.includes(id)),
  };
}

/** See `takeProcessReport`. */
export interface ProcessReportOptions extends ProcessSnapshotOptions {
  /** Rows of each list. Default 10. */
  top?: number;
  /** What sites are grouped by. Default `'lineno'`. */
  keyType?: KeyType;
}

/** See late.ts. */
export async function takeProcessReport(options: ProcessReportOptions = {}): Promise<Report> {
  const { top = 10, keyType = 'lineno' } = options;
  const { snapshot, traced, threads, silentThreads } = await takeProcessSnapshot(options);
  const previous = new Snapshot([], snapshot);
  return {
    ...makeReport({ snapshot, previous, traced, ledger: recentLedger(), top, keyType }),
    threads,
    silentThreads,
  };
}

function tracingThreads(): number[] {
  const threads = loadedAddon()?.heapSizes() ?? [];
  return threads.map((thread) => thread.threadId).sort((a, b) => a - b);
}

let questionsAsked = 0;

function ask(threads: readonly number[], timeout: number): Promise<Answer[]> {
  return new Promise((resolve) => {
    const answerTo = `${QUESTIONS}:${threadId}:${questionsAsked++}`;
    const answers = new BroadcastChannel(answerTo);
    const questions = new BroadcastChannel(QUESTIONS);
    const received = new Map<number, Answer>();
    const finish = () => {
      clearTimeout(timer);
      answers.close();
      questions.close();
      resolve([...received.values()]);
    };
    // Not unref'ed: the caller waits, for no longer than this.
    const timer = setTimeout(finish, timeout);
    answers.onmessage = ({ data }: { data: unknown }) => {
      const answer = data as Answer;
      received.set(answer.threadId, answer);
      if (threads.every((id) => received.has(id))) finish();
    };
    questions.postMessage({ from: threadId, answerTo } satisfies Question);
  });
}
