// SPDX-License-Identifier: MIT
// What a service tells an open live page, in one message: all there is at first, then what changed.
import type { MemoryRow, SnapshotNote } from './report-data.js';

export interface LiveMessage {
  readonly version: 1;
  /** Whether this is all there is: what the page knew of tables and rows before is void. */
  readonly isWhole: boolean;
  readonly now: SnapshotNote;
  /** When tracing began or was cleared, ms since the epoch; tells one process's run from the next. */
  readonly begun: number;
  /** Whether the service can be asked for a garbage collection. */
  readonly canCollect: boolean;
  readonly memory: readonly MemoryRow[];
  /** `READING` numbers each: those of the past in a whole message, else the newest. */
  readonly history: readonly number[];
  /** These three go on where the last message ended. */
  readonly strings: readonly string[];
  readonly frames: readonly number[];
  readonly nodes: readonly number[];
  /** {@link LIVE_TRACE} numbers for each row that changed; one that is gone has size and count 0. */
  readonly traces: readonly number[];
}

/** The first of `TRACE`: what is known without an older snapshot. */
export const LIVE_TRACE = 8;
