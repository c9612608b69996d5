// SPDX-License-Identifier: MIT
// Threads ask each other for snapshots. A question has a deadline on the monotonic clock, which all
// threads of a process share. A thread answers all waiting questions with one snapshot, then
// pauses, so that it can do its own work however many questions there are. Where a thread's event
// loop does not turn, the one that asks knocks.
import { quietly } from '../host/quietly.js';
import { clearTimeout, monotonicNow, setTimeout } from '../host/real-time.js';
import { runInSlices, type Steps } from '../host/steps.js';
import { threadId } from '../host/thread.js';
import { preparing } from '../session.js';
import { Snapshot, tableOf } from '../snapshot/snapshot.js';
import type { TracedMemory } from '../status.js';
import { getTracedMemory, isTracing, takeSnapshot } from '../tracer.js';
import type { SnapshotFacts } from '../traces/facts.js';
import { Frame } from '../traces/frame.js';
import { type TraceColumns, TraceTable } from '../traces/trace-table.js';
import { type Channel, hear, messagesIn } from './channel.js';
import { knock, onKnock } from './knocks.js';

const QUESTIONS = 'tracemalloc:snapshots';
const answersTo = (thread: number) => `${QUESTIONS}:${thread}`;

interface Question {
  readonly from: number;
  /** Unique among the questions of its thread. */
  readonly number: number;
  /** Milliseconds, as `monotonicNow()`. */
  readonly deadline: number;
  /** Whether the answer is to have ages; it may have them also where it isn't. */
  readonly ages?: boolean;
}

/** A thread's snapshot, in a form that can be sent as a message. */
interface ThreadAnswer {
  readonly threadId: number;
  /** The numbers of the questions that it answers. */
  readonly numbers: readonly number[];
  readonly traced: TracedMemory;
  readonly facts: SnapshotFacts;
  readonly columns: TraceColumns;
}

/** The answer of another thread. */
export interface ThreadSnapshot {
  readonly threadId: number;
  readonly traced: TracedMemory;
  readonly snapshot: Snapshot;
}

// A thread whose event loop turns answers by itself within this time, in slices. After that an
// answer in one piece, in the middle of its work, is better than none.
const FIRST_KNOCK_MS = 200;

// After an answer that took 5 ms, the next comes after 10 ms: at most a third of a thread's time.
const RESTS = 2;

/** Answers questions until `close`. Does not keep the thread alive. */
export class Answering {
  readonly #questions = new BroadcastChannel(QUESTIONS);
  readonly #forgetKnocks: () => void;
  #waiting: Question[] = [];
  #isAnswering = false;
  #restsUntil = 0;

  constructor() {
    hear(this.#questions, (data) => {
      if (this.#take(data) && !this.#isAnswering) void this.#answerAll();
    });
    this.#questions.unref();
    this.#forgetKnocks = onKnock(() => this.#answerAtOnce());
  }

  close(): void {
    this.#forgetKnocks();
    this.#questions.close();
    this.#waiting = [];
  }

  #take(data: unknown): boolean {
    // Other code in the process may use a channel of this name.
    if (!isQuestion(data) || data.from === threadId) return false;
    this.#waiting.push(data);
    return true;
  }

  #answerAtOnce(): void {
    // The questions stay where the event loop finds them.
    if (monotonicNow() < this.#restsUntil) return;
    for (const message of messagesIn(this.#questions)) this.#take(message);
    if (this.#hasQuestions()) this.#answer();
  }

  async #answerAll(): Promise<void> {
    this.#isAnswering = true;
    try {
      while (this.#hasQuestions()) {
        await rest(this.#restsUntil - monotonicNow());
        // Most of a snapshot's work, in slices.
        if (this.#hasQuestions()) await runInSlices(this.#asLongAsAsked(preparing()));
        if (this.#hasQuestions()) this.#answer();
      }
    } catch {
      // The asking thread gets no answer, and lists this one as silent.
      this.#waiting = [];
    } finally {
      this.#isAnswering = false;
    }
  }

  // Work for which no thread waits any more would delay this thread, and the one that asked.
  *#asLongAsAsked(steps: Steps<void>): Steps<void> {
    while (this.#hasQuestions() && !steps.next().done) yield;
  }

  /** Removes questions whose deadlines have passed. */
  #hasQuestions(): boolean {
    const now = monotonicNow();
    this.#waiting = isTracing() ? this.#waiting.filter(({ deadline }) => now < deadline) : [];
    return this.#waiting.length > 0;
  }

  #answer(): void {
    const begun = monotonicNow();
    const asked = new Map<number, number[]>();
    const ages = this.#waiting.some((question) => question.ages === true);
    for (const { from, number } of this.#waiting) {
      asked.set(from, [...(asked.get(from) ?? []), number]);
    }
    this.#waiting = [];
    const snapshot = takeSnapshot({ ages });
    const { columns } = tableOf(snapshot);
    const answer = { threadId, traced: getTracedMemory(), facts: { ...snapshot }, columns };
    for (const [from, numbers] of asked) {
      const channel = new BroadcastChannel(answersTo(from));
      channel.postMessage({ ...answer, numbers } satisfies ThreadAnswer);
      channel.close();
    }
    const ended = monotonicNow();
    this.#restsUntil = ended + RESTS * (ended - begun);
  }
}

function rest(ms: number): Promise<void> | undefined {
  if (ms <= 0) return undefined;
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function isQuestion(data: unknown): data is Question {
  const { from, number, deadline } = (data ?? {}) as { [K in keyof Question]?: unknown };
  return [from, number, deadline].every((value) => typeof value === 'number');
}

// Questions of this thread that are not yet answered, by number.
const open = new Map<number, (answer: ThreadAnswer) => void>();
let answers: Channel | undefined;
let questionsAsked = 0;

/** The answers of `threads` before the deadline, in terms of `monotonicNow()`. */
export function askThreads(
  threads: readonly number[],
  { deadline, ages }: Required<Pick<Question, 'deadline' | 'ages'>>,
): Promise<ThreadSnapshot[]> {
  const left = deadline - monotonicNow();
  // The caller's own snapshot has used up the time.
  if (left <= 0) return Promise.resolve([]);
  return new Promise((resolve) => {
    const number = questionsAsked++;
    const missing = new Set(threads);
    const received: ThreadSnapshot[] = [];
    const finish = () => {
      clearTimeout(timer);
      clearTimeout(knocks);
      open.delete(number);
      if (open.size === 0) {
        answers?.close();
        answers = undefined;
      }
      resolve(received);
    };
    // Not unref'ed: the caller waits for it.
    const timer = setTimeout(finish, left);
    let wait = Math.min(FIRST_KNOCK_MS, left / 2);
    const knockAgain = () => {
      knock([...missing]);
      // One may be in the middle of our own code, or resting.
      wait *= 1.5;
      knocks = setTimeout(knockAgain, wait);
    };
    let knocks = setTimeout(knockAgain, wait);
    open.set(number, (answer) => {
      if (missing.has(answer.threadId)) received.push(revived(answer));
      missing.delete(answer.threadId);
      // If many answers arrive at once, the timer would fire only after all of them.
      if (missing.size === 0 || monotonicNow() >= deadline) finish();
    });
    answers ??= listen();
    const questions = new BroadcastChannel(QUESTIONS);
    questions.postMessage({ from: threadId, number, deadline, ages } satisfies Question);
    questions.close();
  });
}

function listen() {
  const channel = new BroadcastChannel(answersTo(threadId));
  hear(channel, (data) => {
    const answer = data as ThreadAnswer | null;
    if (!Array.isArray(answer?.numbers)) return;
    // Other code in the process may use a channel of this name: unreadable messages are ignored.
    for (const number of answer.numbers) quietly(() => open.get(number)?.(answer));
  });
  return channel;
}

// Frames in a message are plain objects, from which instances are made again. Throws for an invalid
// answer, which would otherwise fail only when the snapshot is read.
function revived({ threadId, traced, facts, columns }: ThreadAnswer): ThreadSnapshot {
  if (!Number.isFinite(traced.current) || !Number.isFinite(traced.peak)) throw new TypeError();
  const toFrame = (frame: Frame) => new Frame(frame.filename, frame.lineno, frame);
  const table = new TraceTable({ ...columns, frames: columns.frames.map(toFrame) });
  const snapshot = new Snapshot(() => table, facts);
  snapshot.statistics('filename');
  Snapshot.merge([snapshot]);
  return { threadId, traced, snapshot };
}
