// SPDX-License-Identifier: MIT
// What a snapshot says about itself, and what it consists of.

import type { MemoryLedger } from '../ledger/ledger.js';
import type { KeptRetainers } from '../text/retainers-text.js';
import type { AllocationTime } from './allocation-time.js';
import type { Sampling } from './sampling.js';
import type { Trace } from './trace.js';
import type { TraceTable } from './trace-table.js';

/** The process's memory at one moment, bytes. */
export interface MemoryReading {
  /** ms since the epoch. */
  readonly time: number;
  /** Resident set size; this and the next three as in `process.memoryUsage()`. */
  readonly rss: number;
  /** Bytes of V8's heap in use. */
  readonly heapUsed: number;
  /** Outside the heap, as far as V8 knows. */
  readonly external: number;
  /** What ArrayBuffers hold of it. */
  readonly arrayBuffers: number;
  /** Live traced memory, an estimate. */
  readonly traced: number;
}

/** The process that a snapshot was taken in, at that moment. */
export interface ProcessFacts {
  /** 0: several, or unknown. */
  readonly pid: number;
  /** 0: the main thread, or several. */
  readonly threadId: number;
  /** As `process.version`; empty: several, or unknown. */
  readonly nodeVersion: string;
  /** As `process.memoryUsage()`. */
  readonly memoryUsage: Readonly<NodeJS.MemoryUsage>;
  /**
   * How memory went since `start()`: a reading for each snapshot, which `watch` and all that stands
   * on it take, the oldest first, this one last; at most 500, so that older ones thin out. Absent in
   * profiles of other tools.
   */
  readonly history?: readonly MemoryReading[];
  /**
   * What `findRetainers` with a line, the endpoint `retainers` and reports have found until then: the
   * last of each line, at most ten lines, by names only. Absent if nothing.
   */
  readonly retainers?: readonly KeptRetainers[];
  /** Where the process's memory was, when `takeSnapshot({ ledger: true })` asked for it. */
  readonly ledger?: MemoryLedger;
}

/** What a snapshot says about itself, beside its traces. */
export interface SnapshotFacts {
  /** Frames kept of each stack. Python: `Snapshot.traceback_limit`. */
  readonly tracebackLimit: number;
  /**
   * Mean bytes between samples of the heap, or of buffers if only these were traced, at that moment.
   */
  readonly sampleInterval: number;
  /** How it was tuned, and what it cost; absent with V8's own sampler, and in other tools' profiles. */
  readonly sampling?: Sampling | undefined;
  /**
   * When it was taken, ms since the epoch; with the engine `inspector`, when its figures were read.
   */
  readonly timestamp: number;
  /** Since when tracing had been on, or traces had been cleared, ms; undefined: unknown. */
  readonly duration?: number | undefined;
  /**
   * True: only what had survived a garbage collection, see `takeSnapshot({ survivors: true })`; of
   * merged snapshots, if any is so. Undefined: all that was not collected yet.
   */
  readonly survivors?: boolean | undefined;
  /**
   * Only what was allocated in this time, see `takeSnapshot({ since, until })`; of merged snapshots,
   * the time that covers all of these. Undefined: at any time.
   */
  readonly allocated?: AllocationTime | undefined;
  /** Kinds of memory that were traced. */
  readonly domains: readonly string[];
  /** How exactly frames are known: their lines, or only their functions. */
  readonly precision: 'line' | 'function';
  /** The process at that moment. */
  readonly process: ProcessFacts;
}

/** A snapshot without the class that offers methods on it. */
export interface SnapshotData {
  readonly traces: readonly Trace[] | TraceTable;
  readonly facts: SnapshotFacts;
}
