// SPDX-License-Identifier: MIT
// The public functions, over the addon of this environment (the main thread or one worker).
import type { Binding, NativeStatus } from './addon/binding.js';
import { loadAddon, loadedAddon } from './addon/loader.js';
import { v8Flags } from './addon/v8-flags.js';
import { CustomDomains, callerOf, requireDomain, requireSize } from './domains/custom-domains.js';
import {
  type OutsideHeap,
  outsideHeap,
  unseenSize,
  unseenTrace,
} from './domains/unseen-buffers.js';
import { shown, TracemallocError, translateErrors } from './errors.js';
import { quietly } from './host/quietly.js';
import { dateNow, monotonicNow } from './host/real-time.js';
import type { Steps } from './host/steps.js';
import { threadId } from './host/thread.js';
import parts from './late-parts.cjs';
import { getMemoryLedger } from './ledger/read.js';
import { readCounters, readElders, readSurvivors, refresh, refreshing } from './mirror/reading.js';
import { Scripts } from './mirror/scripts.js';
import { sourceMapCounts } from './mirror/source-maps.js';
import { TraceMaker } from './mirror/trace-maker.js';
import { Mirror } from './mirror/wire.js';
import {
  DOMAINS,
  type Domain,
  type ResolvedOptions,
  resolveOptions,
  resolveSnapshotOptions,
  type SnapshotOptions,
  type StartOptions,
} from './options.js';
import { MemoryHistory } from './snapshot/memory-history.js';
import { Snapshot } from './snapshot/snapshot.js';
import type { Status, TracedMemory } from './status.js';
import { ZlibWatch } from './streams/zlib-watch.js';
import type { Traceback } from './traces/traceback.js';

interface Session {
  readonly addon: Binding;
  readonly options: ResolvedOptions;
  readonly mirror: Mirror;
  readonly scripts: Scripts;
  readonly custom: CustomDomains;
  /** When it started, or was cleared last, ms of a monotonic clock. */
  begun: number;
  outsideAtStart: OutsideHeap;
  readonly maker: TraceMaker;
  /** Where the buffer domain is traced. */
  readonly streams: ZlibWatch | undefined;
  /** A reading for each snapshot. */
  readonly history: MemoryHistory;
}

let session: Session | undefined;
let lastTracebackLimit = 16;
const stopListeners = new Set<() => void>();

/**
 * Starts tracing allocations of this thread; earlier allocations stay unknown.
 *
 * @param options - see {@link StartOptions}; a number is the traceback limit, as Python's `nframe`.
 *   While tracing, a second start does nothing and the first options stay, as in Python.
 * @throws TracemallocError ERR_INVALID_OPTION; ERR_UNSUPPORTED_PLATFORM: no addon for this Node, or
 *   not with this precision; ERR_SAMPLER_IN_USE: another heap sampler is active.
 * Cost: some milliseconds once. Python: `tracemalloc.start`.
 */
export function start(options?: StartOptions | number): void {
  const resolved = resolveOptions(options);
  if (session !== undefined) return;
  const addon = loadAddon();
  const { sampleInterval, tracebackLimit, precision, domains } = resolved;
  const [heap, buffer] = [domains.includes('heap'), domains.includes('buffer')];
  translateErrors(() =>
    addon.start({
      ...{ sampleInterval, tracebackLimit, precision, heap, buffer, threadId },
      ...v8Flags(),
      placeLiterals: (...literals) => parts.literals().placeLiterals(...literals),
    }),
  );
  try {
    session = begun(addon, resolved);
    session.streams?.begin();
  } catch (error) {
    quietly(stop);
    addon.stop();
    throw error;
  }
  lastTracebackLimit = tracebackLimit;
}

/** A session with an addon that has just started. */
function begun(addon: Binding, options: ResolvedOptions): Session {
  const scripts = new Scripts(addon.sourceMapOf);
  const maker = new TraceMaker({
    sourceMaps: options.sourceMaps,
    scriptName: addon.scriptName,
    scriptNamed: (filename) => scripts.named(filename),
  });
  const { sampleInterval, tracebackLimit } = options;
  return {
    addon,
    options,
    mirror: new Mirror(scripts),
    scripts,
    custom: new CustomDomains(),
    begun: monotonicNow(),
    outsideAtStart: outsideHeap(process.memoryUsage(), addon.externalMemory()),
    maker,
    streams: addon.status().buffer
      ? new ZlibWatch({ addon, maker, sampleInterval, tracebackLimit })
      : undefined,
    history: new MemoryHistory(),
  };
}

/**
 * Stops, and frees everything traced. No-op when not tracing. Python: `tracemalloc.stop`.
 *
 * @throws TracemallocError ERR_BUSY, as {@link takeSnapshot}.
 */
export function stop(): void {
  if (session === undefined) return;
  const { addon, streams } = session;
  translateErrors(() => addon.stop());
  session = undefined;
  // Tracing has ended even if this fails, for example because the program has replaced globals.
  quietly(() => streams?.end());
  for (const listener of [...stopListeners]) quietly(listener);
}

/** Calls `listener` after `stop()`. Returns a function that removes it. */
export function onStop(listener: () => void): () => void {
  stopListeners.add(listener);
  return () => stopListeners.delete(listener);
}

/** Python: `tracemalloc.is_tracing`. */
export function isTracing(): boolean {
  return session !== undefined;
}

/**
 * What is live now, by stack, with what was allocated since start.
 *
 * @throws TracemallocError ERR_NOT_TRACING; ERR_INVALID_OPTION; ERR_UNSUPPORTED_PRECISION for
 *   survivors at function precision; ERR_CORRUPT_BATCH, ERR_BUSY: see {@link ErrorCode}.
 * Cost: proportional to what changed since the last snapshot, then to the number of stacks, with
 * `survivors` to the number of live samples, too; never to the heap; no garbage collection is
 * forced. Python: `tracemalloc.take_snapshot`.
 */
export function takeSnapshot(options?: SnapshotOptions): Snapshot {
  const { ledger, survivors } = resolveSnapshotOptions(options);
  if (session === undefined) {
    throw new TracemallocError(
      'ERR_NOT_TRACING',
      'tracemalloc must be tracing to take a snapshot: call start() first',
    );
  }
  const current = session;
  const { addon, mirror, maker } = current;
  const { tracebackLimit, sampleInterval } = current.options;
  const counters = survivors ? readSurvivors(current) : readCounters(current);
  // After the batch: allocating its ArrayBuffer makes V8 subtract freed ones from its figures.
  const memoryUsage = process.memoryUsage();
  const timestamp = dateNow();
  const { rss, heapUsed, external, arrayBuffers } = memoryUsage;
  const traced = Math.round(mirror.counters.reduce((sum, { liveSize }) => sum + liveSize, 0));
  const reading = { time: timestamp, rss, heapUsed, external, arrayBuffers, traced };
  current.history.add(reading, monotonicNow());
  const { sites } = mirror;
  const domains = tracedDomains(addon.status());
  const others = current.custom.traces();
  if (domains.includes('buffer')) {
    const outside = outsideHeap(memoryUsage, addon.externalMemory());
    const unseen = unseenSize(outside, current.outsideAtStart);
    const streams = current.streams?.traces(unseen) ?? [];
    const rest = streams.reduce((size, stream) => size - stream.size, unseen);
    others.push(...streams, ...unseenTrace(rest));
  }
  return new Snapshot(() => [...maker.traces({ sites, counters }), ...others], {
    tracebackLimit,
    sampleInterval,
    timestamp,
    duration: monotonicNow() - current.begun,
    ...(survivors ? { survivors } : {}),
    domains: [...domains, ...current.custom.domains],
    precision: addon.status().precision,
    process: {
      pid: process.pid,
      threadId,
      nodeVersion: process.version,
      memoryUsage,
      history: current.history.readings,
      ...(ledger ? { ledger: getMemoryLedger() } : {}),
    },
  });
}

/** Most of the work of the next snapshot, in steps: takes what has changed until now. */
export function* preparing(): Steps<void> {
  if (session === undefined) return;
  const { mirror, maker } = session;
  yield* refreshing(session);
  const { sites, counters } = mirror;
  yield* maker.making({ sites, counters: counters.slice() });
}

/** The mark of the last snapshot, for {@link elderSizes}. */
export function ageMark(): number {
  return session?.mirror.sequence ?? 0;
}

/** See `readElders`; undefined when not tracing, too. */
export function elderSizes(mark: number): ReadonlyMap<Traceback, number> | undefined {
  return session && readElders(session, mark);
}

/**
 * Where an object was allocated, if it was sampled: with `sampleInterval: 1` that is nearly every
 * object allocated since `start()`, else few. For an array it may be where its elements were
 * allocated, that is, where it last grew. For a buffer it is where its memory was allocated, and
 * for a part of a larger one (as small Buffers are) where the part itself was made, if known. Line
 * precision only.
 *
 * @returns undefined when not tracing or not known.
 * @throws TracemallocError ERR_INVALID_ARGUMENT for primitives, which have no identity; ERR_BUSY,
 *   as
 *   {@link takeSnapshot}.
 * Cost: linear in the number of live samples. Python: `tracemalloc.get_object_traceback`.
 */
export function getObjectTraceback(object: object): Traceback | undefined {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) {
    throw new TracemallocError(
      'ERR_INVALID_ARGUMENT',
      `getObjectTraceback needs an object, not ${shown(object)}`,
    );
  }
  if (session === undefined) return undefined;
  const { addon, mirror, maker } = session;
  refresh(session);
  const site = mirror.sites[translateErrors(() => addon.findSite(object))];
  return site && maker.traceback(site);
}

/**
 * Forgets everything traced so far and goes on. No-op when not tracing. Python: `clear_traces`.
 *
 * @throws TracemallocError ERR_OUT_OF_MEMORY: tracing has stopped; ERR_BUSY, as
 *   {@link takeSnapshot}.
 */
export function clearTraces(): void {
  if (session === undefined) return;
  const { addon } = session;
  try {
    translateErrors(() => addon.clear());
  } catch (error) {
    stop();
    throw error;
  }
  session.custom.clear();
  session.streams?.clear();
  session.begun = monotonicNow();
  session.outsideAtStart = outsideHeap(process.memoryUsage(), addon.externalMemory());
  session.mirror.forget();
}

/**
 * Records memory that the caller manages itself, such as a cache's entries or a native handle:
 * snapshots then contain it under `domain` and the stack of this call, exactly, without sampling.
 * Tracking a key again replaces its record. The key, compared as in a `Map`, is held until it is
 * untracked or tracing stops. Not part of `getTracedMemory()`, which has only memory that
 * tracemalloc measures.
 *
 * @param size - bytes.
 * @returns false when not tracing: nothing was recorded.
 * @throws TracemallocError ERR_INVALID_ARGUMENT. Python: `PyTraceMalloc_Track`.
 */
export function track(domain: string, key: unknown, size: number): boolean {
  requireDomain(domain);
  requireSize(size);
  if (session === undefined) return false;
  const { maker, options } = session;
  const stack = callerOf(track, options.tracebackLimit, maker.place);
  session.custom.track(domain, key, size, stack);
  return true;
}

/**
 * Removes the record of {@link track}; no-op for a key that is not tracked.
 *
 * @returns whether it was tracked.
 * @throws TracemallocError ERR_INVALID_ARGUMENT. Python: `PyTraceMalloc_Untrack`.
 */
export function untrack(domain: string, key: unknown): boolean {
  requireDomain(domain);
  return session?.custom.untrack(domain, key) ?? false;
}

/**
 * Live traced memory and its maximum since start, clear or `resetPeak()`, in bytes, estimates; both
 * 0 when not tracing. Not included, though in snapshots: memory of `track()`, that of compression
 * streams, and what is not attributable. At function precision the peak is that of the moments at
 * which the figures were read. Python: `get_traced_memory`.
 */
export function getTracedMemory(): TracedMemory {
  if (session === undefined) return { current: 0, peak: 0 };
  const [current, peak] = session.addon.tracedMemory();
  return { current, peak };
}

/** Sets the peak to the current value. No-op when not tracing. Python: `reset_peak`. */
export function resetPeak(): void {
  session?.addon.resetPeak();
}

/** Frames kept of each stack: 16 at first, then as set by the last `start()`. */
export function getTracebackLimit(): number {
  return lastTracebackLimit;
}

/** Bytes of native memory that the tracker itself holds. Python: `get_tracemalloc_memory`. */
export function getTracemallocMemory(): number {
  return loadedAddon()?.trackerMemory() ?? 0;
}

/** The state of tracing: engine, precision and why, losses. Never throws. */
export function status(): Status {
  const native = session?.addon.status();
  const diagnostics = native?.diagnostics ?? {};
  return {
    tracing: session !== undefined,
    engine: native?.engine ?? '',
    precision: native?.precision,
    reason: native?.reason ?? '',
    lost: native?.lost ?? false,
    sampleInterval: session?.options.sampleInterval ?? 0,
    tracebackLimit: lastTracebackLimit,
    domains: native === undefined ? [] : tracedDomains(native),
    fullCollections: native?.fullCollections ?? 0,
    samples: native?.liveSamples ?? 0,
    sites: native?.sites ?? 0,
    dropped: diagnostics['siteOverflow'] ?? 0,
    sourceMaps: sourceMapCounts(),
    diagnostics,
    versions: {
      node: process.version,
      v8: process.versions.v8,
      abi: process.versions.modules ?? '',
    },
  };
}

function tracedDomains(native: NativeStatus): Domain[] {
  return DOMAINS.filter((domain) => native[domain]);
}
