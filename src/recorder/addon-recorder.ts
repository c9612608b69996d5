// SPDX-License-Identifier: MIT
// Records by the addon: reads its batches through the mirror, and adds the rows of streams and of
// what is not attributable.
import type { Binding } from '../addon/binding.js';
import { v8Flags } from '../addon/v8-flags.js';
import { unseenTrace } from '../domains/unseen-buffers.js';
import { translateErrors } from '../errors.js';
import { quietly } from '../host/quietly.js';
import type { Steps } from '../host/steps.js';
import { threadId } from '../host/thread.js';
import { closeLabels, openLabels } from '../labels/label.js';
import parts from '../late-parts.cjs';
import { growthOutsideHeap, type OutsideHeap, readOutsideHeap } from '../ledger/outside-heap.js';
import {
  type AskedAges,
  readAges,
  readCounters,
  readElders,
  refresh,
  refreshing,
} from '../mirror/reading.js';
import type { WireSite } from '../mirror/rows.js';
import { Scripts } from '../mirror/scripts.js';
import { TraceMaker } from '../mirror/trace-maker.js';
import { Mirror } from '../mirror/wire.js';
import { type ResolvedOptions, UNTUNED_INTERVAL } from '../options.js';
import { ZlibWatch } from '../streams/zlib-watch.js';
import type { Elders } from '../traces/elders.js';
import type { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';
import type { Recorder, RecorderReading, RecorderStatus } from './recorder.js';

// Outlives the recorder in the addon, which must not keep it.
const placeLiterals: Parameters<Binding['start']>[0]['placeLiterals'] = (...literals) =>
  parts.literals().placeLiterals(...literals);

export class AddonRecorder implements Recorder {
  readonly maker: TraceMaker;
  readonly #addon: Binding;
  readonly #mirror: Mirror;
  readonly #scripts: Scripts;
  /** Where the buffer domain is traced. */
  readonly #streams: ZlibWatch | undefined;
  #outsideAtStart: OutsideHeap;

  /** @throws TracemallocError as `start()`; then nothing records. */
  constructor(addon: Binding, options: ResolvedOptions) {
    // A copy in another realm traces with it: Jest makes one for each file of tests.
    if (addon.isTracing()) translateErrors(() => addon.stop());
    const { sampleInterval, tracebackLimit, precision, domains } = options;
    const [heap, buffer] = [domains.includes('heap'), domains.includes('buffer')];
    translateErrors(() =>
      addon.start({
        sampleInterval: sampleInterval === 'auto' ? UNTUNED_INTERVAL : sampleInterval,
        isSelfTuning: sampleInterval === 'auto',
        ...{ tracebackLimit, precision, heap, buffer, threadId },
        ...v8Flags(),
        placeLiterals,
      }),
    );
    try {
      const scripts = new Scripts(addon.sourceMapOf);
      this.#addon = addon;
      this.#scripts = scripts;
      this.#mirror = new Mirror(scripts);
      this.maker = new TraceMaker({
        sourceMaps: options.sourceMaps,
        scriptName: addon.scriptName,
        scriptNamed: (filename) => scripts.named(filename),
      });
      this.#outsideAtStart = readOutsideHeap(addon);
      const { maker } = this;
      this.#streams = addon.status().buffer
        ? new ZlibWatch({ addon, maker, sampleInterval, tracebackLimit })
        : undefined;
      this.#streams?.begin();
      openLabels(addon);
    } catch (error) {
      quietly(() => this.#streams?.end());
      addon.stop();
      throw error;
    }
  }

  get isReading(): boolean {
    return this.#mirror.isInStep;
  }

  get mark(): number {
    return this.#mirror.sequence;
  }

  stop(): void {
    translateErrors(() => this.#addon.stop());
    closeLabels();
    // Tracing has ended even if this fails, for example because the program has replaced globals.
    quietly(() => this.#streams?.end());
  }

  clear(): void {
    translateErrors(() => this.#addon.clear());
    this.#streams?.clear();
    this.#outsideAtStart = readOutsideHeap(this.#addon);
    this.#mirror.forget();
  }

  read(): RecorderReading {
    const counters = readCounters(this.#source);
    return { sites: this.#mirror.sites, counters };
  }

  readAges(asked: AskedAges): RecorderReading {
    const read = readAges(this.#source, asked);
    return { sites: this.#mirror.sites, ...read };
  }

  *preparing(): Steps<void> {
    yield* refreshing(this.#source);
    const { sites, counters } = this.#mirror;
    yield* this.maker.making({ sites, counters: counters.slice() });
  }

  elders(mark: number): ReadonlyMap<Traceback, Elders> | undefined {
    return readElders({ ...this.#source, maker: this.maker }, mark);
  }

  siteOf(object: object): WireSite | undefined {
    const find = () => this.#mirror.sites[translateErrors(() => this.#addon.findSite(object))];
    // A batch is read only for a site that was in no batch before.
    const known = find();
    if (known !== undefined) return known;
    refresh(this.#source);
    return find();
  }

  otherTraces(): Trace[] {
    if (!this.#addon.status().buffer) return [];
    const outside = growthOutsideHeap(readOutsideHeap(this.#addon), this.#outsideAtStart);
    const streams = this.#streams?.traces(outside.reported) ?? [];
    const ofStreams = streams.reduce((sum, { size }) => sum + size, 0);
    return [...streams, ...unseenTrace(outside.without(ofStreams))];
  }

  tracedMemory(): [current: number, peak: number] {
    return this.#addon.tracedMemory();
  }

  resetPeak(): void {
    this.#addon.resetPeak();
  }

  trackerMemory(): number {
    return this.#addon.trackerMemory();
  }

  status(): RecorderStatus {
    const status = this.#addon.status();
    // V8's own sampler is not tuned, and what it costs is unknown.
    return status.engine === 'public-sampler' ? { ...status, sampling: undefined } : status;
  }

  get #source() {
    return { addon: this.#addon, mirror: this.#mirror, scripts: this.#scripts };
  }
}
