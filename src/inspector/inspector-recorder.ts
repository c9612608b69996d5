// SPDX-License-Identifier: MIT
// Records by V8's sampler through Node's inspector: functions only, and live memory of the heap
// only. What this can't know is absent.
import { TracemallocError } from '../errors.js';
import { quietly } from '../host/quietly.js';
import { dateNow, monotonicNow } from '../host/real-time.js';
import type { Steps } from '../host/steps.js';
import { leavesOut } from '../mirror/left-out.js';
import type { AskedAges } from '../mirror/reading.js';
import { TraceMaker } from '../mirror/trace-maker.js';
import type { ResolvedOptions } from '../options.js';
import type { Recorder, RecorderReading, RecorderStatus, Tables } from '../recorder/recorder.js';
import type { Trace } from '../traces/trace.js';
import { CollectionCount } from './collection-count.js';
import { DIVISIBLE_INTERVAL } from './object-sizes.js';
import { ProfileRows } from './profile-rows.js';
import { ReadingBudget } from './reading-budget.js';
import { InspectorSampler, type Profile } from './sampler.js';
import { SamplerIdentity } from './sampler-identity.js';
import { scriptName } from './script-name.js';

const ABSENT =
  'only functions and live memory of the heap are known: no lines, buffers, totals since start, or types';
const FORCED = 'each reading of it collects all garbage first, so readings are limited';

// Bytes that V8 holds for a sample (Sample, its entry in a table, a weak handle) and for a node of
// its tree (AllocationNode, src/profiler/sampling-heap-profiler.h at 11.3 to 14.6), with malloc's
// overhead.
const SAMPLE_BYTES = 128;
const NODE_BYTES = 256;

/** What differs between two samplers of one recorder. */
interface Run {
  readonly sampler: InspectorSampler;
  readonly identity: SamplerIdentity;
  readonly rows: ProfileRows;
  /** The last reading. */
  tables: Tables;
  /** Whether the last profile had no samples. */
  isEmpty: boolean;
  /** When it was made, ms since the epoch and of a monotonic clock. */
  time: number;
  read: number;
}

const RECENT_MS = 1000;

export class InspectorRecorder implements Recorder {
  readonly maker: TraceMaker;
  readonly #interval: number;
  readonly #tracebackLimit: number;
  /** Why there is no better engine. */
  readonly #reason: string;
  readonly #budget = new ReadingBudget(monotonicNow());
  readonly #collections = new CollectionCount();
  #run: Run;
  #isLost = false;
  /** Whether the next snapshot's reading has been made. */
  #isPrepared = false;
  #peak = 0;
  #postponed = 0;

  /**
   * @param reason - why the addon is not used.
   * @throws TracemallocError as `start()`.
   */
  constructor({ sampleInterval, tracebackLimit, sourceMaps }: ResolvedOptions, reason: string) {
    this.#interval = sampleInterval === 'auto' ? DIVISIBLE_INTERVAL : sampleInterval;
    this.#tracebackLimit = tracebackLimit;
    this.#reason = reason;
    this.maker = new TraceMaker({ sourceMaps, scriptName, scriptNamed: () => undefined });
    this.#run = this.#begun();
  }

  // Calls no code of the program.
  readonly isReading = false;
  readonly mark = 0;

  stop(): void {
    // Another sampler that runs meanwhile must not be stopped. A reading that fails does not show
    // whose sampler it is.
    quietly(() => this.#refresh());
    if (!this.#isLost) this.#run.sampler.stop();
  }

  clear(): void {
    this.stop();
    // Until there is a sampler again.
    this.#isLost = true;
    this.#run = this.#begun();
    this.#isLost = false;
    this.#isPrepared = false;
    this.#peak = 0;
  }

  read(): RecorderReading {
    const isRead = this.#isPrepared && this.#isRecent;
    this.#isPrepared = false;
    if (this.#isLost || (!isRead && this.#budget.allows(monotonicNow()))) this.#refresh();
    else if (!isRead) this.#postponed += 1;
    const { tables, time } = this.#run;
    return { ...tables, time };
  }

  readAges(asked: AskedAges): RecorderReading {
    if (!leavesOut(asked)) return this.read();
    throw new TracemallocError(
      'ERR_UNSUPPORTED_PRECISION',
      `the age of objects is known at line precision only, and this is function precision: ${this.#reason}`,
    );
  }

  *preparing(): Steps<void> {
    const reading = this.read();
    this.#isPrepared = true;
    yield* this.maker.making(reading);
  }

  elders(): undefined {
    return undefined;
  }

  siteOf(): undefined {
    return undefined;
  }

  otherTraces(): Trace[] {
    return [];
  }

  tracedMemory(): [current: number, peak: number] {
    // Often asked for right after a snapshot.
    if (!this.#isRecent) quietly(() => this.read());
    return [sizeOf(this.#run.tables), this.#peak];
  }

  resetPeak(): void {
    quietly(() => this.read());
    this.#peak = sizeOf(this.#run.tables);
  }

  /** Bytes of native memory that V8's sampler holds, an estimate. */
  trackerMemory(): number {
    const { sites, counters } = this.#run.tables;
    const nodes = new Set(sites.flatMap(({ frames }) => frames)).size + sites.length;
    return samplesOf(counters) * SAMPLE_BYTES + nodes * NODE_BYTES;
  }

  status(): RecorderStatus {
    const { sampler, tables } = this.#run;
    const { sites, counters } = tables;
    const what = `V8's sampler is used through node:inspector; ${ABSENT}`;
    return {
      engine: 'inspector',
      precision: 'function',
      sampleInterval: this.#interval,
      reason: [this.#reason, what, ...(sampler.forcesCollections ? [FORCED] : [])].join('; '),
      lost: this.#isLost,
      heap: true,
      buffer: false,
      fullCollections: this.#collections.value,
      heapAfterCollection: 0,
      liveSamples: samplesOf(counters),
      sites: sites.length,
      frames: new Set(sites.flatMap(({ frames }) => frames)).size,
      sampling: undefined,
      diagnostics: { postponedReadings: this.#postponed },
    };
  }

  #begun(): Run {
    const [interval, tracebackLimit] = [this.#interval, this.#tracebackLimit];
    return {
      identity: new SamplerIdentity(),
      rows: new ProfileRows({ interval, tracebackLimit, word: wordSize() }),
      tables: { sites: [], counters: [] },
      isEmpty: true,
      time: dateNow(),
      read: Number.NEGATIVE_INFINITY,
      // Last: nothing that fails after it would stop it.
      sampler: new InspectorSampler({ interval, stackDepth: tracebackLimit }),
    };
  }

  get #isRecent(): boolean {
    return monotonicNow() - this.#run.read < RECENT_MS;
  }

  #refresh(): void {
    if (this.#isLost) return;
    const begun = monotonicNow();
    try {
      this.#take(this.#run.sampler.read());
    } finally {
      this.#budget.spend(monotonicNow() - begun);
    }
  }

  #take(profile: Profile | undefined): void {
    const run = this.#run;
    if (profile === undefined || !run.identity.accepts(profile)) {
      this.#isLost = true;
      run.sampler.abandon();
      return;
    }
    this.#collections.look();
    run.read = monotonicNow();
    // All samples have died, or it is another sampler that has none yet: the next reading will show
    // it.
    const isDoubtful = profile.samples.length === 0 && !run.isEmpty;
    run.isEmpty = profile.samples.length === 0;
    if (isDoubtful) return;
    run.tables = run.rows.tables(profile);
    run.time = dateNow();
    this.#peak = Math.max(this.#peak, sizeOf(run.tables));
  }
}

function sizeOf({ counters }: Tables): number {
  return counters.reduce((sum, { liveSize }) => sum + liveSize, 0);
}

function samplesOf(counters: Tables['counters']): number {
  return counters.reduce((sum, { liveSamples }) => sum + liveSamples, 0);
}

/** Bytes of a tagged value in V8's heap: sizes of objects are multiples of it. */
function wordSize(): number {
  const { variables = {} } = process.config ?? {};
  const isCompressed = Object.entries(variables).some(
    ([name, value]) =>
      name === 'v8_enable_pointer_compression' && /^(?:1|true)$/.test(String(value)),
  );
  const is32Bit = ['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch);
  return isCompressed || is32Bit || process.versions['electron'] !== undefined ? 4 : 8;
}
