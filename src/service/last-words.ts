// SPDX-License-Identifier: MIT
// Workers that another thread ends (`worker.terminate()`, as pools do in `destroy()`, or the exit of
// the main thread) have no event `exit`. The thread that is about to end them asks for their last
// words, and waits a moment.
import { quietly } from '../host/quietly.js';
import { monotonicNow, setTimeout } from '../host/real-time.js';
import { threadId } from '../host/thread.js';
import { hear, messagesIn } from './channel.js';
import { knock, onKnock, otherThreads } from './knocks.js';

const REQUESTS = 'tracemalloc:last-words';
/** A thread in native code does not answer. */
const PATIENCE_MS = 2000;
const KNOCK_AGAIN_MS = 50;

interface Request {
  readonly threads: readonly number[];
  /** How many have answered. */
  readonly answers: Int32Array;
}

/**
 * In a worker: calls `speak`, which must be synchronous, before another thread ends this worker.
 */
export function onLastRequest(speak: () => void): void {
  const requests = new BroadcastChannel(REQUESTS);
  const answer = (data: unknown) => {
    if (!isRequest(data) || !data.threads.includes(threadId)) return;
    quietly(speak);
    Atomics.add(data.answers, 0, 1);
    Atomics.notify(data.answers, 0);
  };
  hear(requests, answer);
  requests.unref();
  onKnock(() => {
    for (const message of messagesIn(requests)) answer(message);
  });
}

function isRequest(data: unknown): data is Request {
  const { threads, answers } = (data ?? {}) as { [K in keyof Request]?: unknown };
  return Array.isArray(threads) && answers instanceof Int32Array;
}

/**
 * Makes all other threads of the process say their last words, and waits for them, two seconds at
 * most.
 */
export function hearLastWords(): void {
  const threads = otherThreads();
  if (threads.length === 0) return;
  const answers = request(threads);
  for (const end = monotonicNow() + PATIENCE_MS; monotonicNow() < end; ) {
    const answered = Atomics.load(answers, 0);
    if (answered >= threads.length) return;
    knock(threads);
    Atomics.wait(answers, 0, answered, KNOCK_AGAIN_MS);
  }
}

/**
 * Makes `worker.terminate()` ask the worker for its last words first, and end it two seconds later
 * at most.
 */
export function hearBeforeTermination(): void {
  const { prototype } = process.getBuiltinModule('node:worker_threads').Worker;
  const { terminate } = prototype;
  const endings = new WeakMap<object, Promise<number>>();
  prototype.terminate = function () {
    const end = () => Reflect.apply(terminate, this, []);
    const known = endings.get(this);
    if (known !== undefined) return known;
    if (!otherThreads().includes(this.threadId)) return end();
    const ending = heard(this.threadId).then(end, end);
    endings.set(this, ending);
    return ending;
  };
}

async function heard(thread: number): Promise<void> {
  const answers = request([thread]);
  const end = monotonicNow() + PATIENCE_MS;
  while (Atomics.load(answers, 0) === 0 && monotonicNow() < end) {
    knock([thread]);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

function request(threads: readonly number[]): Int32Array {
  const answers = new Int32Array(new SharedArrayBuffer(4));
  const requests = new BroadcastChannel(REQUESTS);
  requests.postMessage({ threads, answers } satisfies Request);
  requests.close();
  return answers;
}
