// SPDX-License-Identifier: MIT
// Fails a test that needs more memory at once than it may.
import { OPTIONS } from '../options.js';
import { requireKnownOptions, requireOption } from '../rules.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Statistic } from '../snapshot/statistic.js';
import { getTracedMemory, resetPeak, takeSnapshot } from '../tracer.js';
import { allocatorName } from '../traces/charge.js';
import { type Frame, frameText, kindOf } from '../traces/frame.js';
import { type Caller, callerOf, placeOf, thrownAt } from './caller.js';
import { MemoryLimitError } from './errors.js';
import { requireBody } from './expect-no-growth.js';
import type { HeavyLine } from './lines.js';
import { type Body, whileTracing } from './session.js';
import { appendSummary, type SummaryOptions } from './summary.js';

/** What {@link limitMemory} accepts. */
export type LimitOptions = SummaryOptions;

/**
 * Samples that make up the limit. The standard error of a sum of s bytes is √(s·R) for a mean
 * interval of R bytes: half a percent of the limit.
 */
const SAMPLES = 40_000;

const MOST_INTERVAL = 65_536;

/** See index.ts. */
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
  requireKnownOptions(options, ['summary']);
  const limit = requireOption('limit', OPTIONS.maxBytes, given);
  const interval = Math.min(MOST_INTERVAL, Math.max(1, Math.floor(limit / SAMPLES)));
  return whileTracing(interval, async ({ run }) => {
    const before = takeSnapshot();
    resetPeak();
    const { current } = getTracedMemory();
    const result = await run(body);
    const peak = Math.max(0, getTracedMemory().peak - current);
    if (peak <= limit) return { error: undefined, peak, result };
    const lines = heaviest(takeSnapshot(), before);
    const error = thrownAt(new MemoryLimitError({ peak, limit, lines }), caller);
    appendSummary({ error, place: placeOf(caller), name }, options);
    return { error, peak, result };
  });
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
