// SPDX-License-Identifier: MIT
// What the tracer needs of that which records this thread's allocations: the addon, or V8's sampler
// through Node's inspector.
import type { NativeStatus } from '../addon/binding.js';
import type { Steps } from '../host/steps.js';
import type { AskedAges } from '../mirror/reading.js';
import type { WireCounters, WireSite } from '../mirror/rows.js';
import type { TraceMaker } from '../mirror/trace-maker.js';
import type { Age } from '../traces/age.js';
import type { Elders } from '../traces/elders.js';
import type { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';

/** Both by the number of the site. */
export interface Tables {
  readonly sites: readonly WireSite[];
  readonly counters: readonly WireCounters[];
  /** Undefined: not asked for; of a site: unknown, or nothing lives there. */
  readonly ages?: readonly (Age | undefined)[] | undefined;
}

/** At one moment. */
export interface RecorderReading extends Tables {
  /** The moment of the reading, ms since the epoch; undefined: now. */
  readonly time?: number | undefined;
}

export interface RecorderStatus extends Omit<NativeStatus, 'sampling'> {
  /** Undefined: unknown. */
  readonly sampling: NativeStatus['sampling'] | undefined;
}

/** Records from when it is made until `stop`. */
export interface Recorder {
  readonly maker: TraceMaker;
  /** A reading is under way right now, which must not be interrupted by another one. */
  readonly isReading: boolean;
  /** The last reading, for {@link elders}; 0: none. */
  readonly mark: number;
  /** Frees everything. If it throws, recording goes on. */
  stop(): void;
  /** Starts again from zero. If it throws, recording has ended. */
  clear(): void;
  read(): RecorderReading;
  /**
   * With ages, or of some ages only. Throws ERR_UNSUPPORTED_PRECISION if it can't leave out what is of
   * others; without that, ages that it can't know are absent.
   */
  readAges(asked: AskedAges): RecorderReading;
  /** Most of the work of the next {@link read}, in steps. */
  preparing(): Steps<void>;
  /** What existed at a mark and is still alive; undefined: unknown. */
  elders(mark: number): ReadonlyMap<Traceback, Elders> | undefined;
  siteOf(object: object): WireSite | undefined;
  /** Memory that belongs to no site. To be called after a reading. */
  otherTraces(): Trace[];
  /** Bytes. */
  tracedMemory(): [current: number, peak: number];
  resetPeak(): void;
  /** Bytes of native memory that it holds; an estimate where it is V8 that holds it. */
  trackerMemory(): number;
  status(): RecorderStatus;
}
