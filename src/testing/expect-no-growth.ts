// SPDX-License-Identifier: MIT
// Runs a test's body again and again, and finds the lines of which more is alive after each block
// of runs.
import { findRetainers } from '../late.js';
import { OPTIONS } from '../options.js';
import { checkOption, requireKnownOptions } from '../rules.js';
import { status, takeSnapshot } from '../tracer.js';
import { KIND } from '../traces/charge.js';
import { type Frame, frameText, kindOf } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';
import { type Caller, callerOf, placeOf, thrownAt } from './caller.js';
import { collectAll } from './collection.js';
import { MemoryGrowthError } from './errors.js';
import { type BlockEnd, GROUPING, type GrownSite, GrowthWindow, WINDOW } from './growth-window.js';
import type { GrownLine } from './lines.js';
import { type Body, type Measuring, requireBody, whileTracing } from './session.js';
import { appendSummary, requireSummary, type SummaryOptions } from './summary.js';
import { TableGrowth } from './table-growth.js';

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
  /**
   * The most that all runs may take, and that the call waits for one other measurement, ms or as
   * text. Default `'60s'`.
   */
  timeout?: number | string;
  /**
   * Search for what keeps the memory of the growing lines alive, and name it in the error. Default
   * true.
   */
  retainers?: boolean;
}

/** The most lines whose objects are searched for what holds them. */
const EXPLAINED = 3;

/** Limits of a search, which seldom needs more than some milliseconds. */
const SEARCH = { samples: 10, timeout: '5s', memoryLimit: '64MiB' } as const;

const CALLERS = 3;
const TYPES = 5;

/**
 * Runs `body` again and again, and fails if memory grows: if a line of code holds more after each
 * of six blocks of runs, with all garbage collected, and once more after each of six blocks that
 * are twice as long. A line whose memory only fluctuates, so that all orders of its sizes are
 * equally likely, fails a test by chance in at most one of 6!² = 518,400 cases; a line whose memory
 * never changes, never. All objects are counted, none are sampled, unless tracing runs already:
 * then its interval is used, and it goes on afterwards. Tables that are reallocated when they are
 * full (elements of arrays, tables of Maps and Sets) count as growing if they have grown by a
 * quarter three times and have never shrunk, which happens by chance in one of 250,000 cases.
 *
 * Calls at the same time, by tests that run in parallel, wait for each other. The collections are
 * forced; `--expose-gc` is not needed.
 *
 * @param body - is called without arguments, and awaited, `warmup` + `runs` times; if something seems
 *   to grow, `2 * runs` times more.
 * @throws (rejects) MemoryGrowthError ERR_MEMORY_GROWTH, whose message names the lines that grew and
 *   what holds their objects; what the body throws; TracemallocError ERR_INVALID_OPTION,
 *   ERR_INVALID_ARGUMENT; ERR_TIMEOUT: it took too long, or another did for which it waited;
 *   ERR_NOT_TRACING: tracing was stopped, restarted or cleared meanwhile; ERR_BUSY: called by the body of another measurement;
 *   ERR_UNSUPPORTED_PLATFORM, ERR_UNSUPPORTED_PRECISION: there are no lines here;
 *   ERR_SAMPLER_IN_USE.
 * Cost: the body runs several times slower than usual, since every allocation is recorded; and seven
 *   full garbage collections, or fourteen. Python has no counterpart.
 */
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
  const { timeout } = limits;
  return whileTracing({ sampleInterval: 1, timeout, caller }, async (measuring) => {
    const grown = await grownIn(body, limits, measuring);
    measuring.finish();
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
  readonly timeout: number;
  readonly retainers: boolean;
}

function checked(body: unknown, options: NoGrowthOptions): Limits {
  requireBody(body);
  requireKnownOptions(options, ['warmup', 'runs', 'maxBytes', 'timeout', 'retainers', 'summary']);
  requireSummary(options);
  const { warmup, runs, maxBytes, measureTimeout, retainers } = OPTIONS;
  const runsPerBlock = Math.ceil(checkOption('runs', runs, options.runs) / WINDOW);
  return {
    warmup: checkOption('warmup', warmup, options.warmup),
    runsPerBlock,
    mostPerRun: checkOption('maxBytes', maxBytes, options.maxBytes) / (runsPerBlock * WINDOW),
    timeout: checkOption('timeout', measureTimeout, options.timeout),
    retainers: checkOption('retainers', retainers, options.retainers),
  };
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
  const tables = new TableGrowth(GROUPING);
  const first = await windowOf(body, { runsPerBlock, tables, measuring });
  const known = new Set(first.grown(tables.candidates()).map(({ id }) => id));
  if (known.size === 0) return [];
  const second = await windowOf(body, { runsPerBlock: 2 * runsPerBlock, tables, measuring });
  return second
    .grown(tables.grown())
    .filter(({ id, bytesPerRun }) => known.has(id) && bytesPerRun > mostPerRun);
}

interface WindowParts {
  readonly runsPerBlock: number;
  readonly tables: TableGrowth;
  readonly measuring: Measuring;
}

async function windowOf(
  body: Body,
  { runsPerBlock, tables, measuring: { isExact, run } }: WindowParts,
): Promise<GrowthWindow> {
  const { snapshot } = await observe();
  const window = new GrowthWindow(snapshot, { runsPerBlock, isExact });
  tables.observe(snapshot);
  for (let block = 0; block < WINDOW; block++) {
    for (let i = 0; i < runsPerBlock; i++) await run(body);
    const observation = await observe();
    window.observe(observation);
    tables.observe(observation.snapshot);
  }
  return window;
}

async function observe(): Promise<BlockEnd> {
  await collectAll();
  const snapshot = takeSnapshot();
  return { snapshot, fullCollections: status().fullCollections };
}

function lineOf({
  site,
  sum,
  bytesPerRun,
  countPerRun,
  allocator,
  traces,
  types,
}: GrownSite): GrownLine {
  const { frame, domain, size, count } = site;
  return {
    site: frame.lineno === 0 ? frame.filename : frameText(frame),
    function: sum === undefined ? site.functionName : frame.functionName,
    ...(allocator === undefined ? {} : { allocator }),
    ...{ domain, size, count, bytesPerRun, countPerRun },
    ...(sum === undefined ? {} : { sum }),
    types: sum === 'type' ? [] : types.slice(0, TYPES),
    callers: callersOf(traces[0], frame),
  };
}

function callersOf(fastest: Trace | undefined, charged: Frame): string[] {
  const own = (fastest?.traceback.frames ?? [])
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
    const { site, traces } = grown[i] as GrownSite;
    const [fastest] = traces;
    const canAsk = line.sum === undefined && site.frame.lineno > 0 && fastest !== undefined;
    const heldBy = canAsk && asked++ < EXPLAINED ? await holdersOf(fastest) : undefined;
    told.push(heldBy === undefined ? line : { ...line, heldBy });
  }
  return told;
}

async function holdersOf(site: Trace): Promise<string | undefined> {
  try {
    const retainers = await findRetainers({ site, ...SEARCH });
    return retainers.paths.length === 0 ? undefined : String(retainers);
  } catch {
    return undefined; // it is experimental, and not everywhere
  }
}
