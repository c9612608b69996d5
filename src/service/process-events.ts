// SPDX-License-Identifier: MIT
// Listens to events of the process without changing what the service does with them, or what Node
// does when the service does not listen.
import type { Binding } from '../addon/binding.js';
import { loadedAddon } from '../addon/loader.js';
import { ownDirectory } from '../files/package-files.js';
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
 * Calls `action`, which must be synchronous, once before the process (or this worker) ends: at
 * exit, or before it dies of SIGTERM, SIGINT or SIGHUP.
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

// Not by a listener: other modules (such as signal-exit) count listeners to decide whether the
// process is to end. If another listener exists, it handles the signal, and we report at exit.
function holdDeadlySignals(addon: Binding): void {
  addon.onHeldSignal({ own: ownDirectory ?? '', lastWords: end });
  for (const signal of DEADLY) addon.holdSignal(signal);
  // When the last listener is removed, Node restores the signal's default action.
  process.on('removeListener', (event: unknown) => {
    quietly(() => typeof event === 'string' && addon.holdSignal(event));
  });
}

// As the first listener: if one of the service's throws, those after it are not called.
function listen(event: string, listener: () => void): void {
  const most = process.getMaxListeners();
  // Node warns at the eleventh listener; ours must not count for that.
  if (most > 0) process.setMaxListeners(most + 1);
  process.prependListener(event as NodeJS.Signals, listener);
}
