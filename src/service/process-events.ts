// SPDX-License-Identifier: MIT
// Listening to the process as a guest: what the service does with an event, or what Node does when
// nobody listens, stays as it is.
import { threadId } from '../thread.js';

const DEADLY = ['SIGTERM', 'SIGINT'] as const;

/** Calls `action` at each `signal`, which then no longer ends the process. Main thread only. */
export function onSignal(signal: NodeJS.Signals, action: () => void): void {
  if (threadId === 0) listen(signal, action);
}

const endings: (() => unknown)[] = [];

/**
 * Calls `action`, which must be synchronous, once before the process (or this worker) ends: at exit,
 * or before it dies of SIGTERM or SIGINT, as it does when the service does not listen to them.
 */
export function beforeEnd(action: () => unknown): void {
  endings.push(action);
  if (endings.length > 1) return; // one listener for all: to the service it is one guest
  const end = () => {
    for (const ending of endings.splice(0)) ending();
  };
  listen('exit', end);
  if (threadId !== 0) return;
  for (const signal of DEADLY) {
    const listener = () => {
      // The service decides; if it exits, that is our moment.
      if (process.listenerCount(signal) > 1) return;
      end();
      process.removeListener(signal, listener);
      process.kill(process.pid, signal);
    };
    listen(signal, listener);
  }
}

// First, so that listeners which the service has for one time are still counted.
function listen(event: string, listener: () => void): void {
  const most = process.getMaxListeners();
  // Node warns at the eleventh listener; the service's ten are its own.
  if (most > 0) process.setMaxListeners(most + 1);
  process.prependListener(event as NodeJS.Signals, listener);
}
