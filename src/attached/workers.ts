// SPDX-License-Identifier: MIT
// Traces the other threads of the process, those that run and those that begin later. Node's
// inspector, used from within, is the way into a thread that knows nothing of this package.
import type { Session } from 'node:inspector';
import { ownDirectory } from '../files/package-files.js';
import { quietly } from '../host/quietly.js';
import { clearTimeout, setTimeout } from '../host/real-time.js';
import type { AttachOptions } from './protocol.js';

/** How long a thread is waited for; one that computes begins, and ends, when its loop turns. */
const PATIENCE_MS = 1000;

const EARLY = 'too early';
const EARLY_MS = 20;

interface Evaluated {
  readonly id?: number;
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: unknown;
  };
}

export interface WorkerWatch {
  /** Resolves to how many threads began in time. */
  readonly started: Promise<number>;
  /** Ends the watch for new threads. */
  readonly close: () => void;
}

/** Starts tracing in all workers, and in each new one until `stopInWorkers`. */
export function startInWorkers(options: AttachOptions): WorkerWatch | undefined {
  const threads = connect(`.beginInWorker(${JSON.stringify(options)})`);
  if (threads === undefined) return undefined;
  return { started: threads.asked(), close: threads.close };
}

export async function stopInWorkers(watch: WorkerWatch): Promise<void> {
  watch.close();
  const threads = connect('.endInWorker()');
  if (threads === undefined) return;
  await threads.asked();
  threads.close();
}

interface Threads {
  /** Resolves when those that run have answered, or time is up; to how many did. */
  readonly asked: () => Promise<number>;
  readonly close: () => void;
}

/** Evaluates `call` of the worker's part of this package in each thread. Undefined: not possible. */
function connect(call: string): Threads | undefined {
  const { Session } = process.getBuiltinModule('node:inspector');
  const entry = JSON.stringify(`${ownDirectory}attached/in-worker.js`);
  const load = `process.getBuiltinModule('node:module').createRequire(${entry})(${entry})`;
  // Not at once: the thread may be in the middle of anything.
  const turn = "new Promise((turn) => process.getBuiltinModule('node:timers').setImmediate(turn))";
  // A thread that Node is still preparing has no event loop, and its process has no pid.
  const expression =
    `globalThis.process?.pid === undefined ? ${JSON.stringify(EARLY)}` +
    ` : ${turn}.then(() => ${load}${call})\n//# sourceURL=${encodeURI(`${ownDirectory}attached/workers.js`)}`;
  const session: Session = new Session();
  const missing = new Set<string>();
  let answered = 0;
  let isOver = () => {};
  const forget = (sessionId: string) => {
    missing.delete(sessionId);
    // A thread with a session would wait for its end before it exits.
    quietly(() => session.post('NodeWorker.detach', { sessionId }));
    if (missing.size === 0) isOver();
  };
  const ask = (sessionId: string) => {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params });
    session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) => {
      if (error) forget(sessionId);
    });
  };
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }) => {
    missing.add(sessionId);
    ask(sessionId);
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
    const { id, result } = JSON.parse(message) as Evaluated;
    if (id !== 1) return;
    if (result?.result?.value === EARLY) {
      setTimeout(() => quietly(() => ask(sessionId)), EARLY_MS).unref();
      return;
    }
    if (result !== undefined && result.exceptionDetails === undefined) answered++;
    forget(sessionId);
  });
  session.on('NodeWorker.detachedFromWorker', ({ params: { sessionId } }) => {
    missing.delete(sessionId);
    if (missing.size === 0) isOver();
  });
  try {
    session.connect();
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  } catch {
    return undefined;
  }
  return {
    asked: async () => {
      let timer: NodeJS.Timeout | undefined;
      if (missing.size > 0) {
        await new Promise<void>((resolve) => {
          isOver = resolve;
          timer = setTimeout(resolve, PATIENCE_MS).unref();
        });
      }
      clearTimeout(timer);
      return answered;
    },
    close: () => quietly(() => session.disconnect()),
  };
}
