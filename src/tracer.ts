// SPDX-License-Identifier: MIT
// The public functions, over the addon of this environment (the main thread or one worker).
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';
import { loadAddon, loadedAddon } from './addon-loader.js';
import type { Binding, NativeStatus } from './binding.js';
import { CustomDomains, callerOf, requireDomain, requireSize } from './custom-domains.js';
import { shown, TracemallocError, translateErrors } from './errors.js';
import { getMemoryLedger } from './ledger/read.js';
import { withoutNewborns } from './newborns.js';
import {
  DOMAINS,
  type Domain,
  type ResolvedOptions,
  resolveOptions,
  resolveSnapshotOptions,
  type SnapshotOptions,
  type StartOptions,
} from './options.js';
import { Frame } from './snapshot/frame.js';
import { Snapshot } from './snapshot/snapshot.js';
import { Trace } from './snapshot/trace.js';
import { Traceback } from './snapshot/traceback.js';
import { originalPosition, type SourceMapCounts, sourceMapCounts } from './source-maps.js';
import { unseenBytes, unseenTrace } from './unseen-buffers.js';
import { keepAllocationsApart, restoreV8Flags } from './v8-flags.js';
import { Mirror, type WireCounters, type WireFrame, type WireSite } from './wire.js';

/** What `status()` answers. */
export interface Status {
  readonly tracing: boolean;
  /**
   * `'allocation-hook'`, `'public-sampler'` (V8's own), `'buffer-hook'` when the heap is not traced,
   * or `''` when nothing is.
   */
  readonly engine: string;
  readonly precision: 'line' | 'function' | undefined;
  /** Why the precision is not better; empty when it can't be. */
  readonly reason: string;
  /** Somebody else stopped our sampler: figures are final until `stop()` and `start()`. */
  readonly lost: boolean;
  /** Mean bytes between samples. */
  readonly sampleInterval: number;
  readonly tracebackLimit: number;
  /** Those really traced; `reason` says why not others that were asked for. */
  readonly domains: readonly Domain[];
  /** Garbage collections of the whole heap since `start()`. */
  readonly fullCollections: number;
  /** Live samples held. */
  readonly samples: number;
  /** Distinct stacks seen. */
  readonly sites: number;
  /** Samples that could not be recorded as themselves, all kinds together. */
  readonly dropped: number;
  /** Scripts shown through their source map, and those whose map is missing or can't be read. */
  readonly sourceMaps: SourceMapCounts;
  /** Counters of every kind of loss, by name. */
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly versions: { readonly node: string; readonly v8: string; readonly abi: string };
}

interface Session {
  readonly addon: Binding;
  readonly options: ResolvedOptions;
  readonly mirror: Mirror;
  readonly custom: CustomDomains;
  /** Bytes, see `unseenBytes`. */
  unseenAtStart: number;
  /** Of the mirror's frames and sites, made when first shown; gone when the mirror drops them. */
  readonly frames: WeakMap<WireFrame, Frame>;
  readonly tracebacks: WeakMap<WireSite, { readonly traceback: Traceback | undefined }>;
  /** By site, the row last shown as a trace: what did not change is the same trace again. */
  readonly traces: { readonly row: WireCounters; readonly trace: Trace | undefined }[];
}

let session: Session | undefined;
let lastTracebackLimit = 16;
const stopListeners = new Set<() => void>();

/**
 * Starts tracing allocations of this thread; what was allocated before stays unknown.
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
    addon.start({ sampleInterval, tracebackLimit, precision, heap, buffer, threadId }),
  );
  keepAllocationsApart();
  lastTracebackLimit = tracebackLimit;
  session = {
    addon,
    options: resolved,
    mirror: new Mirror(),
    custom: new CustomDomains(),
    unseenAtStart: unseenBytes(process.memoryUsage()),
    frames: new WeakMap(),
    tracebacks: new WeakMap(),
    traces: [],
  };
}

/** Stops, and frees everything traced. No-op when not tracing. Python: `tracemalloc.stop`. */
export function stop(): void {
  if (session === undefined) return;
  const { addon } = session;
  addon.stop();
  session = undefined;
  if (addon.heapSizes().length === 0) restoreV8Flags();
  for (const listener of [...stopListeners]) listener();
}

/** For what lives between start and stop: calls back after `stop()`. Answers how to end that. */
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
 *   survivors at function precision; ERR_CORRUPT_BATCH: see {@link ErrorCode}.
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
  const { addon, mirror } = current;
  const { tracebackLimit, sampleInterval } = current.options;
  const counters = survivors ? readSurvivors(current) : readCounters(current);
  // After the batch: with its ArrayBuffer V8 has taken those that are freed off its figures.
  const memoryUsage = process.memoryUsage();
  const { sites, frames } = mirror;
  const domains = tracedDomains(addon.status());
  const exact = current.custom.traces();
  if (domains.includes('buffer')) {
    exact.push(...unseenTrace(unseenBytes(memoryUsage) - current.unseenAtStart));
  }
  return new Snapshot(() => [...makeTraces(current, { sites, frames, counters }), ...exact], {
    tracebackLimit,
    sampleInterval,
    timestamp: Date.now(),
    domains: [...domains, ...current.custom.domains],
    precision: addon.status().precision,
    process: {
      pid: process.pid,
      threadId,
      nodeVersion: process.version,
      memoryUsage,
      ...(ledger ? { ledger: getMemoryLedger() } : {}),
    },
  });
}

function refresh({ addon, mirror }: Session): void {
  mirror.apply(translateErrors(() => addon.takeBatch(mirror.sequence)));
}

// The mirror replaces rows and never changes them: a shallow copy stays as it is.
function readCounters(from: Session): WireCounters[] {
  refresh(from);
  return from.mirror.counters.slice();
}

function readSurvivors({ addon, mirror }: Session): WireCounters[] {
  const [batch, newborns] = translateErrors(() => addon.takeBatchAndNewborns(mirror.sequence));
  mirror.apply(batch);
  return withoutNewborns(mirror, newborns);
}

/**
 * Where an object was allocated, if a sample stands for it: with `sampleInterval: 1` nearly every
 * object allocated since `start()`, else few. For an array it may be where its elements were, the
 * place where it grew last. Line precision only.
 *
 * @returns undefined when not tracing or not known.
 * @throws TracemallocError ERR_INVALID_ARGUMENT for what is no object: primitives have no identity.
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
  const { addon, mirror } = session;
  const id = translateErrors(() => addon.findSite(object));
  if (id < 0) return undefined;
  refresh(session);
  const site = mirror.sites[id];
  return site && tracebackOf(session, site, mirror.frames);
}

/** Forgets everything traced so far and goes on. No-op when not tracing. Python: `clear_traces`. */
export function clearTraces(): void {
  if (session === undefined) return;
  session.addon.clear();
  session.custom.clear();
  session.unseenAtStart = unseenBytes(process.memoryUsage());
  session.mirror.sequence = 0;
}

/**
 * Accounts for memory of the caller's own, such as a cache's entries or a native handle: snapshots
 * then hold it under `domain` and the stack of this call, exact, not sampled. Tracking a key again
 * replaces it. The key, compared as a `Map` does, is held until it is untracked or tracing stops.
 * Not part of `getTracedMemory()`, which is about memory that is measured.
 *
 * @param size - bytes.
 * @returns false when not tracing: nothing was recorded.
 * @throws TracemallocError ERR_INVALID_ARGUMENT. Python: `PyTraceMalloc_Track`.
 */
export function track(domain: string, key: unknown, size: number): boolean {
  requireDomain(domain);
  requireSize(size);
  if (session === undefined) return false;
  const { sourceMaps } = session.options;
  const stack = callerOf(track, session.options.tracebackLimit, (filename, line, column, name) =>
    makeFrame(
      { filename, line, column, functionName: name, isApproximate: false, isNative: false },
      sourceMaps,
    ),
  );
  session.custom.track(domain, key, size, stack);
  return true;
}

/**
 * Ends what {@link track} began; harmless for what is not tracked.
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
 * 0 when not tracing. At function precision the peak is that of the moments at which somebody asked.
 * Python: `get_traced_memory`.
 */
export function getTracedMemory(): { current: number; peak: number } {
  if (session === undefined) return { current: 0, peak: 0 };
  const [current, peak] = session.addon.tracedMemory();
  return { current, peak };
}

/** Sets the peak to the current value. No-op when not tracing. Python: `reset_peak`. */
export function resetPeak(): void {
  session?.addon.resetPeak();
}

/** Frames kept of each stack: 16 at first, the last `start()`'s afterwards. */
export function getTracebackLimit(): number {
  return lastTracebackLimit;
}

/** Bytes of native memory that the tracker itself holds. Python: `get_tracemalloc_memory`. */
export function getTracemallocMemory(): number {
  return loadedAddon()?.trackerMemory() ?? 0;
}

/** How tracing is going: engine, precision and why, losses. Never throws. */
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

type Tables = Pick<Mirror, 'sites' | 'frames' | 'counters'>;

function makeTraces(from: Session, tables: Tables): Trace[] {
  const traces: Trace[] = [];
  tables.counters.forEach((row, id) => {
    let known = from.traces[id];
    if (known?.row !== row) {
      known = { row, trace: makeTrace(from, tables, id, row) };
      from.traces[id] = known;
    }
    if (known.trace !== undefined) traces.push(known.trace);
  });
  return traces;
}

function makeTrace(
  from: Session,
  { sites, frames }: Tables,
  id: number,
  row: WireCounters,
): Trace | undefined {
  const site = sites[id];
  if (site === undefined || (row.liveSamples === 0 && !(row.allocatedSize > 0))) return undefined;
  const traceback = tracebackOf(from, site, frames);
  if (traceback === undefined) return undefined;
  // Sums of births less deaths keep a residue in their last bits when all have died.
  const isLive = row.liveSamples > 0;
  return new Trace({
    domain: site.domain,
    size: isLive ? row.liveSize : 0,
    count: isLive ? row.liveCount : 0,
    allocatedSize: Number.isNaN(row.allocatedSize) ? undefined : row.allocatedSize,
    allocatedCount: Number.isNaN(row.allocatedCount) ? undefined : row.allocatedCount,
    samples: row.liveSamples,
    variance: isLive ? row.liveVariance : 0,
    types: isLive ? row.types : [],
    traceback,
  });
}

// No JavaScript was running. A frame all the same: memory without one would be in no statistic.
const NO_STACK = new Frame('(native)', 0);

// Undefined: the tracker itself allocated here.
function tracebackOf(
  { frames: made, tracebacks, options }: Session,
  site: WireSite,
  frames: readonly WireFrame[],
): Traceback | undefined {
  const known = tracebacks.get(site);
  if (known !== undefined) return known.traceback;
  const innermostFirst = site.frames.map((id) => {
    const wire = frames[id] as WireFrame;
    let frame = made.get(wire);
    if (frame === undefined) {
      frame = makeFrame(wire, options.sourceMaps);
      made.set(wire, frame);
    }
    return frame;
  });
  const author = innermostFirst.find((frame) => !frame.isInternal);
  const kept = innermostFirst.filter((frame) => !isOwn(frame)).reverse();
  const traceback =
    author !== undefined && isOwn(author)
      ? undefined
      : new Traceback(kept.length > 0 ? kept : [NO_STACK], site.totalFrames || undefined);
  tracebacks.set(site, { traceback });
  return traceback;
}

function makeFrame(wire: WireFrame, sourceMaps: boolean): Frame {
  const { functionName, isApproximate: approximate } = wire;
  if (wire.isNative) return new Frame(wire.filename || '(native)', 0, { functionName });
  const filename = wire.filename.startsWith('file:') ? toPath(wire.filename) : wire.filename;
  const generated = { filename, line: wire.line, column: wire.column };
  const at = sourceMaps ? originalPosition(generated) : generated;
  return new Frame(at.filename, at.line, { column: at.column, functionName, approximate });
}

function toPath(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

// Bundled into an application, this module is the application's own file: then nothing is ours.
// (import.meta.url is empty where a bundler has made CommonJS of it.)
const OWN = import.meta.url?.endsWith('/dist/tracer.js')
  ? `${dirname(fileURLToPath(import.meta.url))}/`
  : undefined;

function isOwn(frame: Frame): boolean {
  return OWN !== undefined && frame.filename.startsWith(OWN);
}
