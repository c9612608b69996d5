// SPDX-License-Identifier: MIT
// Runs a test's body again and again, and finds the lines of which more is alive after each block
// of runs.
import { shown, TracemallocError } from '../errors.js';
import { findRetainers } from '../late.js';
import { OPTIONS } from '../options.js';
import { checkOption, requireKnownOptions } from '../rules.js';
import { ageMark, elders, status, takeSnapshot } from '../tracer.js';
import { KIND } from '../traces/charge.js';
import { type Frame, frameText, kindOf } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';
import { Traceback } from '../traces/traceback.js';
import { type Caller, callerOf, placeOf, thrownAt } from './caller.js';
import { collectAll } from './collection.js';
import { MemoryGrowthError } from './errors.js';
import { type GrownSite, GrowthWindow, type Observation, WINDOW } from './growth-window.js';
import type { GrownLine } from './lines.js';
import { type Body, type Measuring, whileTracing } from './session.js';
import { appendSummary, type SummaryOptions } from './summary.js';

/** What {@link expectNoGrowth} accepts. */
export interface NoGrowthOptions extends SummaryOptions {
  /** Runs before anything is compared: caches fill, code is compiled. Default 10. */
  warmup?: number;
  /**
   * Runs during which memory is compared, rounded up to a multiple of six. Default 60. A body that
   * leaks in few of its runs needs more.
   */
  runs?: number;
  /**
   * Bytes, or a text such as `'10 KB'`: a line that grows by no more during `runs` passes. Default
   * 0.
   */
  maxBytes?: number | string;
  /** Ask what keeps alive the memory of the lines that grow, and tell it. Default true. */
  retainers?: boolean;
}

/** Lines for which it is asked what holds their objects. */
const EXPLAINED = 3;

/** What is asked: seldom more than some milliseconds are needed. */
const SEARCH = { samples: 10, timeout: '5s', memoryLimit: '64MiB' } as const;

const CALLERS = 3;
const TYPES = 5;

/** See index.ts. */
export async function expectNoGrowth(body: Body, options: NoGrowthOptions = {}): Promise<void> {
  const caller = callerOf(expectNoGrowth);
  const error = await growthOf(body, options, { caller });
  if (error !== undefined) throw error;
}

/** Undefined: nothing grows. */
export async function growthOf(
  body: Body,
  options: NoGrowthOptions,
  { caller, name }: { caller: Caller; name?: string | undefined },
): Promise<MemoryGrowthError | undefined> {
  const limits = checked(body, options);
  return whileTracing(1, async (measuring) => {
    const grown = await grownIn(body, limits, measuring);
    if (grown.length === 0) return undefined;
    const lines = grown.map(lineOf);
    const explained = limits.retainers ? await withHolders(lines, grown) : lines;
    const runs = WINDOW * 3 * limits.runsPerBlock;
    const error = thrownAt(new MemoryGrowthError({ lines: explained, runs }), caller);
    appendSummary({ error, place: placeOf(caller), name }, options);
    return error;
  });
}

interface Limits {
  readonly warmup: number;
  readonly runsPerBlock: number;
  /** Bytes. */
  readonly mostPerRun: number;
  readonly retainers: boolean;
}

function checked(body: unknown, options: NoGrowthOptions): Limits {
  requireBody(body);
  requireKnownOptions(options, ['warmup', 'runs', 'maxBytes', 'retainers', 'summary']);
  const { warmup, runs, maxBytes, retainers } = OPTIONS;
  const runsPerBlock = Math.ceil(checkOption('runs', runs, options.runs) / WINDOW);
  return {
    warmup: checkOption('warmup', warmup, options.warmup),
    runsPerBlock,
    mostPerRun: checkOption('maxBytes', maxBytes, options.maxBytes) / (runsPerBlock * WINDOW),
    retainers: checkOption('retainers', retainers, options.retainers),
  };
}

/** @throws TracemallocError ERR_INVALID_ARGUMENT. */
export function requireBody(body: unknown): void {
  if (typeof body === 'function') return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `what is measured must be a function, not ${shown(body)}`,
  );
}

/**
 * What grows is tested twice, the second time over twice as many runs: what is compiled and cached
 * ends, and chance does not repeat itself.
 */
async function grownIn(
  body: Body,
  { warmup, runsPerBlock, mostPerRun }: Limits,
  measuring: Measuring,
): Promise<GrownSite[]> {
  for (let run = 0; run < warmup; run++) await measuring.run(body);
  const first = await grownDuring(body, runsPerBlock, measuring);
  if (first.length === 0) return [];
  const known = new Set(first.map(({ id }) => id));
  const second = await grownDuring(body, 2 * runsPerBlock, measuring);
  return second.filter(({ id, bytesPerRun }) => known.has(id) && bytesPerRun > mostPerRun);
}

async function grownDuring(
  body: Body,
  runsPerBlock: number,
  { isExact, run }: Measuring,
): Promise<GrownSite[]> {
  const window = new GrowthWindow(await observe(), { runsPerBlock, isExact });
  for (let block = 0; block < WINDOW; block++) {
    for (let i = 0; i < runsPerBlock; i++) await run(body);
    window.observe(await observe());
  }
  return window.grown();
}

async function observe(): Promise<Observation> {
  await collectAll();
  const snapshot = takeSnapshot();
  const { fullCollections } = status();
  return { snapshot, moment: { fullCollections, ageMark: ageMark(), elders } };
}

function lineOf({ site, sum, bytesPerRun, countPerRun, traces }: GrownSite): GrownLine {
  const { frame, allocator, domain, size, count } = site;
  return {
    site: frame.lineno === 0 ? frame.filename : frameText(frame),
    function: sum === undefined ? site.functionName : frame.functionName,
    ...(allocator === undefined ? {} : { allocator }),
    ...{ domain, size, count, bytesPerRun, countPerRun },
    ...(sum === undefined ? {} : { sum }),
    types: sum === 'type' ? [] : typesOf(traces),
    callers: callersOf(traces[0], frame),
  };
}

function typesOf(traces: readonly Trace[]): string[] {
  const sizes = new Map<string, number>();
  for (const { type, size } of traces.flatMap(({ types }) => types)) {
    sizes.set(type, size + (sizes.get(type) ?? 0));
  }
  return [...sizes]
    .sort(([, a], [, b]) => b - a)
    .slice(0, TYPES)
    .map(([type]) => type);
}

function callersOf(largest: Trace | undefined, charged: Frame): string[] {
  const own = (largest?.traceback.frames ?? [])
    .filter((frame) => kindOf(frame) === KIND.own)
    .map(frameText)
    .reverse();
  const at = own.indexOf(frameText(charged));
  return own.slice(at + 1, at + 1 + CALLERS);
}

/** The same lines with what holds the first ones, as far as that can be found. */
async function withHolders(
  lines: readonly GrownLine[],
  grown: readonly GrownSite[],
): Promise<GrownLine[]> {
  const told: GrownLine[] = [];
  let asked = 0;
  for (const [i, line] of lines.entries()) {
    const { frame } = (grown[i] as GrownSite).site;
    const isAsked = line.sum === undefined && frame.lineno > 0 && asked++ < EXPLAINED;
    const heldBy = isAsked ? await holdersOf(frame) : undefined;
    told.push(heldBy === undefined ? line : { ...line, heldBy });
  }
  return told;
}

async function holdersOf(frame: Frame): Promise<string | undefined> {
  try {
    const retainers = await findRetainers({ site: new Traceback([frame]), ...SEARCH });
    return retainers.paths.length === 0 ? undefined : String(retainers);
  } catch {
    return undefined; // it is experimental, and not everywhere
  }
}
