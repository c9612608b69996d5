// SPDX-License-Identifier: MIT
// The tracing of this environment (the main thread or one worker), shared by all copies of the
// package, and what other rooms need from it besides the public functions.
import type { CustomDomains } from './domains/custom-domains.js';
import { TracemallocError } from './errors.js';
import { packageVersion } from './files/package-files.js';
import type { CallSite } from './host/call-sites.js';
import { sharedByCopies } from './host/shared-by-copies.js';
import type { Steps } from './host/steps.js';
import { OPTIONS, type ResolvedOptions } from './options.js';
import type { Recorder } from './recorder/recorder.js';
import type { HistoryMark, MemoryHistory } from './snapshot/memory-history.js';
import type { KeptRetainers } from './text/retainers-text.js';
import type { Elders } from './traces/elders.js';
import type { Frame } from './traces/frame.js';
import type { Traceback } from './traces/traceback.js';

/** From `start()` to `stop()`. */
export interface Session {
  readonly recorder: Recorder;
  readonly options: ResolvedOptions;
  readonly custom: CustomDomains;
  /** When it started, or was cleared last, ms of a monotonic clock. */
  begun: number;
  /** It is replaced by another object when traces are cleared. */
  epoch: object;
  /** When tracing started, by the same clock. */
  readonly started: number;
  /** A reading for each snapshot of everything. */
  readonly history: MemoryHistory;
  /** When the snapshots were taken that were taken since `epoch` began. */
  moments: WeakMap<object, HistoryMark>;
  /** What searches for retainers found, by line, the oldest first. */
  readonly retainers: Map<string, KeptRetainers>;
  /** Where routes are labelled: ends it. */
  endRoutes?: () => void;
}

export const tracing = sharedByCopies(`${packageVersion} tracer`, () => ({
  session: undefined as Session | undefined,
  lastTracebackLimit: OPTIONS.tracebackLimit.default,
  stopListeners: new Set<() => void>(),
  peakWatches: new Set<{ most: number }>(),
}));

/** Whether a reading is under way right now, which must not be interrupted by another one. */
export function isReading(): boolean {
  return tracing.session?.recorder.isReading ?? false;
}

/** Calls `listener` after `stop()`. Returns a function that removes it. */
export function onStop(listener: () => void): () => void {
  tracing.stopListeners.add(listener);
  return () => tracing.stopListeners.delete(listener);
}

/**
 * Watches the maximum of live traced memory from now on, even if other code resets it or clears
 * traces. Returns a function that ends the watch and returns the maximum, in bytes.
 */
export function watchPeak(): () => number {
  const watch = { most: 0 };
  tracing.peakWatches.add(watch);
  return () => {
    notePeak();
    tracing.peakWatches.delete(watch);
    return watch.most;
  };
}

/** To be called before the peak is lost. */
export function notePeak(): void {
  if (tracing.session === undefined || tracing.peakWatches.size === 0) return;
  const [, peak] = tracing.session.recorder.tracedMemory();
  for (const watch of tracing.peakWatches) watch.most = Math.max(watch.most, peak);
}

/**
 * An object that stays the same as long as tracing is not started, stopped or cleared; undefined:
 * not tracing.
 */
export function tracingEpoch(): object | undefined {
  return tracing.session?.epoch;
}

/** Does most of the work of the next snapshot, in steps: reads what has changed until now. */
export function* preparing(): Steps<void> {
  if (tracing.session !== undefined) yield* tracing.session.recorder.preparing();
}

/** The mark of the last snapshot, for {@link elders}. */
export function ageMark(): number {
  return tracing.session?.recorder.mark ?? 0;
}

/** Live objects on the heap by traceback, of those that existed at `mark`; undefined: unknown. */
export function elders(mark: number): ReadonlyMap<Traceback, Elders> | undefined {
  return tracing.session?.recorder.elders(mark);
}

const MOST_RETAINERS = 10;

/** Remembers it: later snapshots have it in `process.retainers`. */
export function keepRetainers(found: KeptRetainers): void {
  if (tracing.session === undefined) return;
  const { retainers } = tracing.session;
  retainers.delete(found.site);
  retainers.set(found.site, found);
  const [oldest] = retainers.keys();
  if (retainers.size > MOST_RETAINERS && oldest !== undefined) retainers.delete(oldest);
}

/**
 * The addon's ids, valid until the next snapshot, of sites with live samples whose trace `matches`.
 *
 * @throws TracemallocError ERR_NOT_TRACING; ERR_BUSY, as `takeSnapshot`.
 */
export function sampleSites(
  matches: (trace: { readonly domain: string; readonly traceback: Traceback }) => boolean,
): number[] {
  if (tracing.session === undefined) {
    throw new TracemallocError(
      'ERR_NOT_TRACING',
      'tracemalloc must be tracing to know what was allocated where: call start() first',
    );
  }
  const { recorder } = tracing.session;
  const { sites, counters } = recorder.read();
  return sites.flatMap((site, id) => {
    if ((counters[id]?.liveSamples ?? 0) === 0) return [];
    const traceback = recorder.maker.traceback(site);
    return traceback !== undefined && matches({ domain: site.domain, traceback }) ? [id] : [];
  });
}

/** A place in generated code, through its source map; undefined when not tracing. */
export function authoredPlace(place: CallSite): Frame | undefined {
  return tracing.session?.recorder.maker.place(place);
}
