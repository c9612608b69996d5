// SPDX-License-Identifier: MIT
// Fails a test that needs more memory at once than it may.
import { shown, TracemallocError } from '../errors.js';
import { OPTIONS } from '../options.js';
import { checkOption, requireKnownOptions, requireOption } from '../rules.js';
import { watchPeak } from '../session.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic } from '../snapshot/statistic.js';
import { formatSize } from '../text/size.js';
import { getTracedMemory, resetPeak, takeSnapshot } from '../tracer.js';
import { allocatorName } from '../traces/charge.js';
import { type Frame, frameText, kindOf } from '../traces/frame.js';
import { type Caller, callerOf, placeOf, thrownAt } from './caller.js';
import { MemoryLimitError } from './errors.js';
import type { HeavyLine } from './lines.js';
import { type Body, requireBody, whileTracing } from './session.js';
import { appendSummary, requireSummary, type SummaryOptions } from './summary.js';

/** What {@link limitMemory} accepts. */
export interface LimitOptions extends SummaryOptions {
  /**
   * The most that the body may take, and that the call waits for one other measurement, ms or as
   * text. Default `'60s'`.
   */
  timeout?: number | string;
}

/**
 * Samples that make up the limit. The standard error of a sum of s bytes is √(s·R) for a mean
 * interval of R bytes: half a percent of the limit.
 */
const SAMPLES = 40_000;

const MOST_INTERVAL = 65_536;

/**
 * Promises and their hooks, on our side, are some kilobytes; what V8 compiles meanwhile of our code
 * is up to 64 KiB at once.
 */
const LEAST_LIMIT = 262_144;

/**
 * Runs `body` once, and fails if more memory than `limit` was live at once meanwhile: the objects,
 * Buffers and streams that this thread allocated since the call and that V8 had not collected yet.
 * So garbage counts until it is collected, as it does for a container; memory that was there before
 * does not, but where tracing runs already, what the body frees of memory that was traced before
 * makes up for what it allocates. The peak is an estimate with a standard error of half a percent of the limit at most
 * (of limits up to 2.6 GB; where tracing runs already, its interval is used, and its peak is reset).
 * Calls at the same time wait for each other.
 *
 * @param limit - bytes, or a text such as `'50 MB'` (10⁶) or `'64 MiB'` (2²⁰); at least 256 KiB, since
 *   measuring takes up to a hundred kilobytes itself.
 * @returns what the body returns.
 * @throws (rejects) MemoryLimitError ERR_MEMORY_LIMIT, whose message names the lines that allocated
 *   most; else as `expectNoGrowth`.
 * Cost: a garbage collection and a snapshot. pytest-memray's `limit_memory` is the model.
 */
export async function limitMemory<T>(
  limit: number | string,
  body: Body<T>,
  options: LimitOptions = {},
): Promise<T> {
  const caller = callerOf(limitMemory);
  const { error, result } = await measured(limit, body, options, { caller });
  if (error !== undefined) throw error;
  return result;
}

interface Measured<T> {
  /** Undefined: it kept to the limit. */
  readonly error: MemoryLimitError | undefined;
  readonly peak: number;
  readonly result: T;
}

export async function measured<T>(
  given: number | string,
  body: Body<T>,
  options: LimitOptions,
  { caller, name }: { caller: Caller; name?: string | undefined },
): Promise<Measured<T>> {
  requireBody(body);
  requireKnownOptions(options, ['timeout', 'summary']);
  requireSummary(options);
  const timeout = checkOption('timeout', OPTIONS.measureTimeout, options.timeout);
  const limit = checkedLimit(given);
  const interval = Math.min(MOST_INTERVAL, Math.max(1, Math.floor(limit / SAMPLES)));
  const allowed = typeof given === 'string' ? given.trim() : `${limit} B`;
  return whileTracing({ sampleInterval: interval, timeout, caller }, async (measuring) => {
    const before = takeSnapshot();
    resetPeak();
    const { current } = getTracedMemory();
    const endOfWatch = watchPeak();
    let result: T;
    let peak = 0;
    try {
      result = await measuring.run(body);
    } finally {
      peak = Math.max(0, endOfWatch() - current);
    }
    measuring.finish();
    if (peak <= limit) return { error: undefined, peak, result };
    const lines = heaviest(takeSnapshot(), before);
    const error = thrownAt(new MemoryLimitError({ peak, limit, allowed, lines }), caller);
    appendSummary({ error, place: placeOf(caller), name }, options);
    return { error, peak, result };
  });
}

/** @throws TracemallocError ERR_INVALID_OPTION. */
function checkedLimit(given: number | string): number {
  const limit = requireOption('limit', OPTIONS.maxBytes, given);
  if (limit >= LEAST_LIMIT) return limit;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `limit must be at least ${formatSize(LEAST_LIMIT)}, not ${shown(given)}: measuring takes some memory itself`,
  );
}

function heaviest(now: Snapshot, before: Snapshot): HeavyLine[] {
  const grouped = (snapshot: Snapshot) => snapshot.statistics('lineno', { frames: 'own' });
  const key = ({ traceback }: Statistic) => String(traceback);
  const earlier = new Map(grouped(before).map((statistic) => [key(statistic), statistic]));
  return grouped(now)
    .map((statistic) => {
      const frame = statistic.traceback.at(-1) as Frame;
      const { allocator, size, count, allocatedSize = size, allocatedCount = count } = statistic;
      const then = earlier.get(key(statistic));
      return {
        site: frame.lineno === 0 ? frame.filename : frameText(frame),
        function: frame.functionName,
        ...(allocator === undefined
          ? {}
          : { allocator: allocatorName(allocator, kindOf(allocator)) }),
        ...{ size, count },
        allocatedSize: allocatedSize - (then?.allocatedSize ?? 0),
        allocatedCount: allocatedCount - (then?.allocatedCount ?? 0),
      };
    })
    .filter(({ allocatedSize }) => allocatedSize > 0)
    .sort((a, b) => b.allocatedSize - a.allocatedSize);
}
