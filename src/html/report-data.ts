// SPDX-License-Identifier: MIT
// The data of a report's page. Stacks are a tree, and each text is listed once, so that 5,000 sites
// take some hundred kilobytes.
import type { KeptRetainers } from '../text/retainers-text.js';

/** A snapshot without its traces. */
export interface SnapshotNote {
  /** Where it was read from. */
  readonly source: string;
  /** ms since the epoch; 0: unknown. */
  readonly timestamp: number;
  readonly pid: number;
  readonly threadId: number;
  readonly nodeVersion: string;
  readonly precision: string;
  /** How it was sampled, in words; empty: unknown. */
  readonly sampling: string;
  /** Only what had survived a garbage collection. */
  readonly survivors: boolean;
  /** Which time it is limited to, in words; empty: none. */
  readonly allocated: string;
}

/** A kind of memory of the whole process, bytes. */
export interface MemoryRow {
  readonly label: string;
  readonly bytes: number;
  /** Undefined: there is no older snapshot, or it has no such figure. */
  readonly old?: number | undefined;
}

export interface ReportData {
  readonly version: 1;
  readonly now: SnapshotNote;
  readonly old?: SnapshotNote | undefined;
  readonly memory: readonly MemoryRow[];
  /** A sentence that explains the growth of the process's memory. */
  readonly diagnosis?: string | undefined;
  /** What searches for retainers had found when the snapshot was taken. */
  readonly retainers: readonly KeptRetainers[];
  /** {@link READING} numbers for each reading, by time; a list for each process. */
  readonly histories: readonly (readonly number[])[];
  /** The first one is empty. */
  readonly strings: readonly string[];
  /** {@link FRAME} numbers for each frame. */
  readonly frames: readonly number[];
  /** Parent (-1: none) and frame of each node; a parent comes before its children. */
  readonly nodes: readonly number[];
  /** {@link TRACE} numbers for each trace and type of its objects. */
  readonly traces: readonly number[];
}

/** filename, line, function name, kind (`KIND`), approximate (0 or 1), source line; texts by number. */
export const FRAME = 6;

/**
 * node, domain, labels (empty: none), type (empty: unknown), size, count, error, samples, allocated size (-1: unknown),
 * the mean moment and the first one at which what lives was allocated (seconds since the epoch; 0: unknown), tenths of
 * collections survived (-1: unknown), then size, count and error in the older snapshot. All whole.
 */
export const TRACE = 15;

/** time (ms since the epoch), RSS, heap used, outside the heap, traced; bytes. */
export const READING = 5;
