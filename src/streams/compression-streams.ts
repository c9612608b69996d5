// SPDX-License-Identifier: MIT
// The native state of zlib, brotli and zstd streams, by the line that made the stream. Node reports
// only a sum of it to V8, so streams are sampled when they are initialized, by the memory that they
// will need; what they hold is computed from their options, and in total never exceeds that sum.
import type { Binding } from '../addon/binding.js';
import { StackSites } from '../domains/stack-sites.js';
import { type CallSite, callSites, type Method } from '../host/call-sites.js';
import { quietly } from '../host/quietly.js';
import { queueMicrotask } from '../host/real-time.js';
import type { TraceMaker } from '../mirror/trace-maker.js';
import { REST } from '../traces/rest.js';
import { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';
import { ByteSampler, sampleVariance } from './byte-sampler.js';
import { type Handle, type HandleClass, handleClasses, progressOf } from './compression-handles.js';
import type { SizeLaw } from './compression-sizes.js';
import { observeMethod } from './observed-method.js';

const REST_STACK: readonly CallSite[] = [{ filename: REST, line: 0, column: 0, functionName: '' }];

/** Streams of one kind and stack. */
interface StreamSite {
  readonly type: string;
  readonly stack: readonly CallSite[];
  /**
   * Made when first shown, since that may read a source map; empty for the tracker's own streams.
   */
  shown?: { readonly traceback: Traceback | undefined };
  /** Number of samples of open streams. */
  open: number;
  /** Bytes of closed streams. */
  size: number;
  count: number;
}

/** A sampled stream. */
interface StreamSample {
  readonly site: StreamSite;
  readonly weight: number;
  readonly law: SizeLaw;
  /** Bytes at the last snapshot or when it was closed; at first 0. */
  size: number;
}

/** What {@link CompressionStreams} needs. */
export interface StreamOptions {
  readonly addon: Binding;
  readonly maker: TraceMaker;
  readonly sampleInterval: number | 'auto';
  readonly tracebackLimit: number;
}

export class CompressionStreams {
  readonly #options: StreamOptions;
  readonly #sampler: ByteSampler;
  readonly #sites = new StackSites<StreamSite>({
    isLive: ({ open }) => open > 0,
    restOf: ({ type }) => keyOf(type, REST_STACK),
    fold: (site, rest = newSite(site.type, REST_STACK)) => {
      if (this.#tracebackOf(site) === undefined) return rest; // the tracker's own stream
      rest.size += site.size;
      rest.count += site.count;
      return rest;
    },
  });
  // A WeakRef keeps its target alive until the running job ends, so a loop that compresses could
  // not free the streams it closes. Until the job ends, streams are held here instead, until they
  // are closed.
  readonly #newest = new Map<Handle, StreamSample>();
  #isSettling = false;
  readonly #settled = new Map<StreamSample, WeakRef<Handle>>();
  #sampleOf = new WeakMap<Handle, StreamSample>();
  readonly #collected = new FinalizationRegistry<StreamSample>((sample) =>
    quietly(() => this.#end(sample)),
  );
  #restore: (() => void)[] = [];

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#sampler = new ByteSampler(options.sampleInterval);
  }

  begin(): void {
    this.#restore = handleClasses(this.#options.addon).flatMap((watched) => [
      observeMethod<Handle>(watched.prototype, 'init', {
        after: (handle, args, above) => this.#begin(watched, handle, watched.law(args), above),
      }),
      observeMethod<Handle>(watched.prototype, 'close', {
        before: (handle) => this.#close(handle),
      }),
    ]);
  }

  end(): void {
    for (const restore of this.#restore) restore();
    this.clear();
  }

  clear(): void {
    this.#sites.clear();
    this.#newest.clear();
    this.#settled.clear();
    this.#sampleOf = new WeakMap();
  }

  /**
   * All streams as rows, scaled to at most `told` bytes together, which is all that they can have.
   */
  traces(told: number): Trace[] {
    this.#settle();
    const rows = this.#rows();
    const sum = rows.reduce((size, row) => size + row.size, 0);
    const room = Math.max(0, told);
    const share = sum > room ? room / sum : 1;
    return rows.flatMap(({ site, traceback, size, count, samples, variance }) => {
      const allocatedCount = site.count + count;
      if (allocatedCount === 0) return [];
      const live = size * share;
      return new Trace({
        domain: 'buffer',
        size: live,
        count,
        allocatedSize: site.size + live,
        allocatedCount,
        samples,
        variance: variance * share * share,
        types: samples > 0 ? [{ type: site.type, size: live, count }] : [],
        traceback,
      });
    });
  }

  // A row for each site, with the figures of its open streams.
  #rows() {
    const rows = new Map(
      [...this.#sites.values()].flatMap((site) => {
        const traceback = this.#tracebackOf(site);
        const none = { size: 0, count: 0, samples: 0, variance: 0 };
        return traceback ? [[site, { site, traceback, ...none }]] : [];
      }),
    );
    for (const [sample, reference] of this.#settled) {
      const handle = reference.deref();
      if (handle === undefined) {
        this.#end(sample);
        continue;
      }
      this.#measure(sample, handle);
      const { site, size, weight } = sample;
      const row = rows.get(site);
      if (row === undefined || size === 0) continue;
      row.size += size * weight;
      row.count += weight;
      row.samples += 1;
      row.variance += sampleVariance(size, weight);
    }
    return [...rows.values()];
  }

  #tracebackOf(site: StreamSite): Traceback | undefined {
    site.shown ??= { traceback: this.#options.maker.tracebackOf(site.stack) };
    return site.shown.traceback;
  }

  #begin({ type }: HandleClass, handle: Handle, law: SizeLaw, above: Method): void {
    const weight = this.#sampler.pick(law(Number.POSITIVE_INFINITY, false));
    if (weight === undefined) return;
    const stack = callSites(above, this.#options.tracebackLimit);
    const site = this.#sites.get(keyOf(type, stack), () => newSite(type, stack));
    site.open += 1;
    this.#newest.set(handle, { site, weight, law, size: 0 });
    if (this.#isSettling) return;
    this.#isSettling = true;
    queueMicrotask(() => {
      this.#isSettling = false;
      quietly(() => this.#settle());
    });
  }

  #settle(): void {
    for (const [handle, sample] of this.#newest) {
      this.#sampleOf.set(handle, sample);
      this.#settled.set(sample, new WeakRef(handle));
      this.#collected.register(handle, sample);
    }
    this.#newest.clear();
  }

  #close(handle: Handle): void {
    const sample = this.#newest.get(handle) ?? this.#sampleOf.get(handle);
    if (sample === undefined) return;
    this.#measure(sample, handle);
    if (this.#newest.delete(handle)) count(sample);
    else this.#end(sample);
  }

  #measure(sample: StreamSample, handle: Handle): void {
    sample.size = sample.law(...progressOf(handle));
  }

  #end(sample: StreamSample): void {
    if (this.#settled.delete(sample)) count(sample);
  }
}

function newSite(type: string, stack: readonly CallSite[]): StreamSite {
  return { type, stack, open: 0, size: 0, count: 0 };
}

function keyOf(type: string, stack: readonly CallSite[]): string {
  return JSON.stringify([type, stack]);
}

/** Counts a closed stream. */
function count({ site, size, weight }: StreamSample): void {
  site.open -= 1;
  if (size === 0) return;
  site.size += size * weight;
  site.count += weight;
}
