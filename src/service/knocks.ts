// SPDX-License-Identifier: MIT
// A thread that waits (Atomics.wait, as the idle workers of pools do) or computes takes no messages
// and runs no timers. Another thread can knock: then this thread does what is due in the middle of
// whatever it is doing.
import { loadedAddon } from '../addon/loader.js';
import { ownDirectory } from '../files/package-files.js';
import { quietly } from '../host/quietly.js';
import { threadId } from '../host/thread.js';
import { isReading } from '../session.js';

const listeners = new Set<() => void>();
let isListening = false;

/**
 * Calls `listener`, which must be synchronous, when another thread knocks. Errors are swallowed:
 * the code that is interrupted must not see them.
 *
 * @returns a function that removes it. In a bundle it is never called.
 */
export function onKnock(listener: () => void): () => void {
  listeners.add(listener);
  // Within a bundle our own code can't be distinguished from the program's, and must not be
  // interrupted by itself.
  if (!isListening && ownDirectory !== undefined) {
    // Without the addon a thread answers only when its event loop turns.
    loadedAddon()?.onKnock({ threadId, own: ownDirectory, answer });
    isListening = true;
  }
  return () => listeners.delete(listener);
}

function answer(): void {
  if (isReading()) return;
  for (const listener of listeners) quietly(listener);
}

/** Knocks at other threads; no-op for one that does not listen. Cost: some microseconds each. */
export function knock(threads: readonly number[]): void {
  for (const thread of threads) quietly(() => loadedAddon()?.knock(thread));
}

/** The other threads of the process that trace, ascending. */
export function otherThreads(): number[] {
  const heaps = loadedAddon()?.heapSizes() ?? [];
  return heaps
    .map((heap) => heap.threadId)
    .filter((id) => id !== threadId)
    .sort((a, b) => a - b);
}
