// SPDX-License-Identifier: MIT
// A message from the service to an open live page: first all data, then what changed.
import type { SiteRetainers } from '../text/retainers-text.js';
import type { MemoryRow, SnapshotNote } from './report-data.js';

export interface LiveMessage {
  readonly version: 1;
  /** True: this is all data, and the page discards the tables and rows that it had. */
  readonly isWhole: boolean;
  readonly now: SnapshotNote;
  /**
   * When tracing began or was cleared, ms since the epoch; it differs between runs of a process.
   */
  readonly begun: number;
  /** Whether the service can be asked for a garbage collection. */
  readonly canCollect: boolean;
  /** Whether it can be asked what was allocated in a span of time: the endpoint `allocated`. */
  readonly hasAges: boolean;
  readonly memory: readonly MemoryRow[];
  /** `READING` numbers per reading: all past ones in a whole message, else the newest. */
  readonly history: readonly number[];
  /** These three lists continue those of the last message. */
  readonly strings: readonly string[];
  readonly frames: readonly number[];
  readonly nodes: readonly number[];
  /** {@link LIVE_TRACE} numbers for each row that changed; a removed row has size and count 0. */
  readonly traces: readonly number[];
}

/** The first `TRACE` numbers, which need no older snapshot. */
export const LIVE_TRACE = 12;

/** One line, or several, in the answer of the endpoint `retainers`. */
export interface FoundRetainers extends SiteRetainers {
  /** How long the search took, ms. */
  readonly duration: number;
  /** Longest time for which it kept the event loop busy at once, ms. */
  readonly blocked: number;
}

/** The answer of the endpoint `retainers`. */
export interface RetainersAnswer {
  readonly name: 'tracemalloc retainers';
  readonly version: 1;
  readonly pid: number;
  readonly threadId: number;
  /** ISO 8601. */
  readonly time: string;
  readonly sites: readonly FoundRetainers[];
}
