// SPDX-License-Identifier: MIT
// The public functions, over the addon of this environment (the main thread or one worker).
import type { Binding } from './addon/binding.js';
import { loadAddon, loadedAddon } from './addon/loader.js';
import { CustomDomains, callerOf, requireDomain, requireSize } from './domains/custom-domains.js';
import { shown, TracemallocError } from './errors.js';
import { quietly } from './host/quietly.js';
import { dateNow, monotonicNow } from './host/real-time.js';
import { threadId } from './host/thread.js';
import { currentLabels } from './labels/label.js';
import parts from './late-parts.cjs';
import { getMemoryLedger } from './ledger/read.js';
import { leavesOut, NOW } from './mirror/left-out.js';
import { sourceMapCounts } from './mirror/source-maps.js';
import {
  DOMAINS,
  type Domain,
  type ResolvedOptions,
  resolveOptions,
  resolveSnapshotOptions,
  type SnapshotOptions,
  type StartOptions,
} from './options.js';
import { AddonRecorder } from './recorder/addon-recorder.js';
import type { Recorder, RecorderStatus } from './recorder/recorder.js';
import { notePeak, type Session, tracing } from './session.js';
import { type HistoryMark, MemoryHistory } from './snapshot/memory-history.js';
import { Snapshot } from './snapshot/snapshot.js';
import type { Status, TracedMemory } from './status.js';
import type { Sampling } from './traces/sampling.js';
import type { Traceback } from './traces/traceback.js';

/**
 * Starts tracing allocations of this thread; earlier allocations stay unknown.
 *
 * @param options - see {@link StartOptions}; a number is the traceback limit, as Python's `nframe`.
 *   While tracing, a second start does nothing and the first options stay, as in Python.
 * @throws TracemallocError ERR_INVALID_OPTION; ERR_UNSUPPORTED_PLATFORM: this runtime can't be
 *   traced, or not with this precision or these domains; ERR_SAMPLER_IN_USE: another heap sampler is active.
 * Cost: some milliseconds once. Python: `tracemalloc.start`.
 */
export function start(options?: StartOptions | number): void {
  const resolved = resolveOptions(options);
  if (tracing.session !== undefined) return;
  const now = monotonicNow();
  const session: Session = {
    options: resolved,
    custom: new CustomDomains(),
    begun: now,
    epoch: {},
    started: now,
    history: new MemoryHistory(),
    moments: new WeakMap(),
    retainers: new Map(),
    // Last: nothing that fails after it would stop it.
    recorder: recorderFor(resolved),
  };
  tracing.session = session;
  tracing.lastTracebackLimit = resolved.tracebackLimit;
  if (!resolved.routes) return;
  try {
    session.endRoutes = parts.routes().labelRoutes();
  } catch (error) {
    stop();
    throw error;
  }
}

function recorderFor(options: ResolvedOptions): Recorder {
  let addon: Binding;
  try {
    addon = loadAddon();
  } catch (error) {
    return parts.inspector().recorderWithoutAddon(options, error);
  }
  return new AddonRecorder(addon, options);
}

/**
 * Stops tracing, and frees everything traced. No-op when not tracing. Python: `tracemalloc.stop`.
 *
 * @throws TracemallocError ERR_BUSY, as {@link takeSnapshot}.
 */
export function stop(): void {
  if (tracing.session === undefined) return;
  const { recorder, endRoutes } = tracing.session;
  recorder.stop();
  quietly(() => endRoutes?.());
  tracing.session = undefined;
  for (const listener of [...tracing.stopListeners]) quietly(listener);
}

/** Whether this thread is tracing. Never throws. Python: `tracemalloc.is_tracing`. */
export function isTracing(): boolean {
  return tracing.session !== undefined;
}

/**
 * Takes a snapshot: what is live now, by stack, with what was allocated since start.
 *
 * @throws TracemallocError ERR_NOT_TRACING; ERR_INVALID_OPTION; ERR_UNSUPPORTED_PRECISION for
 *   `survivors`, `since` and `until` at function precision; ERR_CORRUPT_BATCH, ERR_BUSY: see
 *   {@link ErrorCode}.
 * Cost: proportional to what changed since the last snapshot, then to the number of stacks, with
 * these three and `ages` to the number of live samples, too; never to the heap; no garbage collection is
 * forced. Without the addon (engine `inspector`), where Node lacks `v8.startHeapProfile`, V8
 * collects all garbage for each reading: readings then take at most 1 % of the time, and one second
 * that is saved; a snapshot in between has the figures, and the `timestamp`, of the last one. Python: `tracemalloc.take_snapshot`.
 */
export function takeSnapshot(options?: SnapshotOptions): Snapshot {
  const { ledger, survivors, ages, since, until } = resolveSnapshotOptions(options);
  const session = requireSession();
  const span = {
    since: momentOf(session, 'since', since),
    until: momentOf(session, 'until', until),
  };
  return snapshotOf(session, { ledger, survivors, ages, ...span });
}

/**
 * What was allocated between the last readings before two times, ms since the epoch, and lives: as
 * `takeSnapshot({ since, until, ages: true })`, with its errors. Nothing was allocated before the first reading.
 */
export function takeSnapshotBetween(since: number, until: number): Snapshot {
  const session = requireSession();
  const { history } = session;
  const span = {
    since: history.momentAt(since),
    until: history.momentAt(until) ?? { time: until, mark: 0 },
  };
  return snapshotOf(session, { ledger: false, survivors: false, ages: true, ...span });
}

function requireSession(): Session {
  if (tracing.session !== undefined) return tracing.session;
  throw new TracemallocError(
    'ERR_NOT_TRACING',
    'tracemalloc must be tracing to take a snapshot: call start() first',
  );
}

function momentOf(
  session: Session,
  name: 'since' | 'until',
  snapshot: object | undefined,
): HistoryMark | undefined {
  if (snapshot === undefined) return undefined;
  const moment = session.moments.get(snapshot);
  if (moment !== undefined) return moment;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `${name} must be a snapshot that takeSnapshot() of this thread has returned since tracing began or was cleared`,
  );
}

interface Wanted {
  readonly ledger: boolean;
  readonly survivors: boolean;
  readonly ages: boolean;
  readonly since: HistoryMark | undefined;
  readonly until: HistoryMark | undefined;
}

function snapshotOf(
  current: Session,
  { ledger, survivors, ages: wantsAges, since, until }: Wanted,
): Snapshot {
  const { recorder } = current;
  const { tracebackLimit } = current.options;
  const isOfAllTime = since === undefined && until === undefined;
  const asked = {
    ...{ survivors, ages: wantsAges },
    ...{ since: since?.mark ?? 0, until: until?.mark ?? NOW },
  };
  const { sites, counters, ages, time } =
    wantsAges || leavesOut(asked) ? recorder.readAges(asked) : recorder.read();
  // After the reading: allocating a batch's ArrayBuffer makes V8 subtract freed ones from its
  // figures.
  const memoryUsage = process.memoryUsage();
  const now = dateNow();
  const { rss, heapUsed, external, arrayBuffers } = memoryUsage;
  const traced = Math.round(counters.reduce((sum, { liveSize }) => sum + liveSize, 0));
  const reading = { time: now, rss, heapUsed, external, arrayBuffers, traced };
  if (isOfAllTime) current.history.add(reading, monotonicNow(), recorder.mark);
  const native = recorder.status();
  const others = isOfAllTime ? [...current.custom.traces(), ...recorder.otherTraces()] : [];
  const snapshot = new Snapshot(
    () => [...recorder.maker.traces({ sites, counters, ages }), ...others],
    {
      tracebackLimit,
      sampleInterval: native.sampleInterval,
      sampling: samplingOf(current, native),
      timestamp: time ?? now,
      duration: Math.max(0, monotonicNow() - current.begun - (now - (time ?? now))),
      ...(survivors ? { survivors } : {}),
      ...(isOfAllTime ? {} : { allocated: { since: since?.time, until: until?.time } }),
      domains: [...tracedDomains(native), ...(isOfAllTime ? current.custom.domains : [])],
      precision: native.precision,
      process: {
        pid: process.pid,
        threadId,
        nodeVersion: process.version,
        memoryUsage,
        history: current.history.readings,
        ...(current.retainers.size > 0 ? { retainers: [...current.retainers.values()] } : {}),
        ...(ledger ? { ledger: getMemoryLedger() } : {}),
      },
    },
  );
  current.moments.set(snapshot, { time: snapshot.timestamp, mark: recorder.mark });
  return snapshot;
}

/**
 * Says where an object was allocated, if it was sampled. With `sampleInterval: 1` nearly every
 * object allocated since `start()` is sampled, else few are. For an array it may be where its
 * elements were allocated, that is, where it last grew. For a buffer it is where its memory was
 * allocated, and for a part of a larger one (as small Buffers are) where the part itself was made,
 * if known. Line precision only.
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
  if (tracing.session === undefined) return undefined;
  const { recorder } = tracing.session;
  const site = recorder.siteOf(object);
  return site && recorder.maker.traceback(site);
}

/**
 * Forgets everything traced so far, and goes on tracing. No-op when not tracing. Python:
 * `clear_traces`.
 *
 * @throws TracemallocError ERR_OUT_OF_MEMORY: tracing has stopped; ERR_BUSY, as
 *   {@link takeSnapshot}.
 */
export function clearTraces(): void {
  if (tracing.session === undefined) return;
  notePeak();
  try {
    tracing.session.recorder.clear();
  } catch (error) {
    stop();
    throw error;
  }
  tracing.session.custom.clear();
  tracing.session.retainers.clear();
  tracing.session.begun = monotonicNow();
  tracing.session.epoch = {};
  tracing.session.moments = new WeakMap();
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
  if (tracing.session === undefined) return false;
  const { recorder, options } = tracing.session;
  const stack = callerOf(track, options.tracebackLimit, recorder.maker.place);
  const origin = { domain, labels: currentLabels(), traceback: stack };
  tracing.session.custom.track(origin, key, size);
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
  return tracing.session?.custom.untrack(domain, key) ?? false;
}

/**
 * Returns live traced memory and its maximum since start, clear or `resetPeak()`, in bytes. Both
 * are estimates, and 0 when not tracing. Memory of `track()`, that of compression streams, and what
 * is not attributable are in snapshots, but not in these figures. At function precision the peak is
 * the highest figure that was read; with the engine `inspector` both figures are of the last
 * reading, see {@link takeSnapshot}. Cost: microseconds; with the engine `inspector`, a reading.
 * Python: `get_traced_memory`.
 */
export function getTracedMemory(): TracedMemory {
  if (tracing.session === undefined) return { current: 0, peak: 0 };
  const [current, peak] = tracing.session.recorder.tracedMemory();
  return { current, peak };
}

/**
 * Sets the peak of {@link getTracedMemory} to the current value. No-op when not tracing. Python:
 * `reset_peak`.
 */
export function resetPeak(): void {
  notePeak();
  tracing.session?.recorder.resetPeak();
}

/**
 * Returns how many frames are kept of each stack: 96 at first, then as set by the last `start()`.
 * Python: `tracemalloc.get_traceback_limit`.
 */
export function getTracebackLimit(): number {
  return tracing.lastTracebackLimit;
}

/**
 * Returns the bytes of native memory that the tracker itself holds, after `stop()` those that it
 * keeps for the next start; with the engine `inspector` an estimate of what V8 holds for it.
 * Python: `get_tracemalloc_memory`.
 */
export function getTracemallocMemory(): number {
  return (tracing.session?.recorder ?? loadedAddon())?.trackerMemory() ?? 0;
}

/**
 * Returns the state of tracing: engine, precision and why, losses. Never throws. Python has no
 * counterpart.
 */
export function status(): Status {
  const native = tracing.session?.recorder.status();
  const diagnostics = native?.diagnostics ?? {};
  return {
    tracing: tracing.session !== undefined,
    engine: native?.engine ?? '',
    precision: native?.precision,
    reason: native?.reason ?? '',
    lost: native?.lost ?? false,
    sampleInterval: native?.sampleInterval ?? 0,
    sampling: native && tracing.session && samplingOf(tracing.session, native),
    tracebackLimit: tracing.lastTracebackLimit,
    domains: native === undefined ? [] : tracedDomains(native),
    fullCollections: native?.fullCollections ?? 0,
    heapAfterCollection: native?.heapAfterCollection || undefined,
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

function samplingOf(
  { options, started }: Session,
  { sampling }: RecorderStatus,
): Sampling | undefined {
  if (sampling === undefined) return undefined;
  const { finest, coarsest, samples, cost, cpuTime } = sampling;
  const seconds = (monotonicNow() - started) / 1000;
  return {
    isSelfTuning: options.sampleInterval === 'auto',
    ...{ finest, coarsest },
    samplesPerSecond: seconds > 0 ? samples / seconds : 0,
    cpuShare: cpuTime > 0 ? Math.min(1, cost / cpuTime) : 0,
  };
}

function tracedDomains(native: RecorderStatus): Domain[] {
  return DOMAINS.filter((domain) => native[domain]);
}
