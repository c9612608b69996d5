// SPDX-License-Identifier: MIT
// Listening to the process as a guest: what the service does with an event, or what Node does when
// nobody listens, stays as it is.
import type { Binding } from '../addon/binding.js';
import { loadedAddon } from '../addon/loader.js';
import { packageUrl } from '../files/package-files.js';
import { quietly } from '../host/quietly.js';
import { threadId } from '../host/thread.js';

/** Calls `action` at each `signal`, which then no longer ends the process. Main thread only. */
export function onSignal(signal: NodeJS.Signals, action: () => void): void {
  if (threadId === 0) listen(signal, () => quietly(action));
}

let endings: (() => unknown)[] = [];

function end(): void {
  for (let i = 0; i < endings.length; i++) quietly(() => void endings[i]?.());
}

/**
 * Calls `action`, which must be synchronous, once before the process (or this worker) ends: at exit,
 * or before it dies of SIGTERM, SIGINT or SIGHUP.
 */
export function beforeEnd(action: () => unknown): void {
  endings.push(action);
  if (endings.length > 1) return;
  const addon = threadId === 0 ? loadedAddon() : undefined;
  listen('exit', () => {
    end();
    endings = [];
    addon?.releaseSignals();
  });
  if (addon !== undefined) holdDeadlySignals(addon);
}

const DEADLY = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

// Not by listening: guests of the service (signal-exit is one) count listeners to decide whether the
// process is to end. Where somebody listens, the signal is his, and exit is our moment.
function holdDeadlySignals(addon: Binding): void {
  addon.onHeldSignal({ own: packageUrl ?? '', lastWords: end });
  for (const signal of DEADLY) addon.holdSignal(signal);
  // With the last listener Node has given the signal its own action back.
  process.on('removeListener', (event: unknown) => {
    quietly(() => typeof event === 'string' && addon.holdSignal(event));
  });
}

// First: a listener of the service that throws keeps those behind it from being called.
function listen(event: string, listener: () => void): void {
  const most = process.getMaxListeners();
  // Node warns at the eleventh listener; the service's ten are its own.
  if (most > 0) process.setMaxListeners(most + 1);
  process.prependListener(event as NodeJS.Signals, listener);
}
