// SPDX-License-Identifier: MIT
// Readers that come at the same time share one snapshot, however many they are.
import type { Snapshot } from '../snapshot/snapshot.js';
import { takeSnapshot } from '../tracer.js';

// Short enough that nobody who waits for something to happen sees a picture from before.
const SHARED_MS = 100;

export class SharedSnapshot {
  #snapshot: Snapshot | undefined;

  /** At most 100 ms old. @throws TracemallocError as `takeSnapshot()`. */
  take(): Snapshot {
    if (this.#snapshot === undefined) {
      this.#snapshot = takeSnapshot();
      setTimeout(() => {
        this.#snapshot = undefined;
      }, SHARED_MS).unref();
    }
    return this.#snapshot;
  }
}
