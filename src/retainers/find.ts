// SPDX-License-Identifier: MIT
// Finds what holds sampled objects: the addon searches on a thread of its own, while the program
// goes on, and confirms each path on this thread. It searches again where too much has changed.
import type { Binding, RetainerSearch } from '../addon/binding.js';
import { loadAddon } from '../addon/loader.js';
import { shown, TracemallocError, translateErrors } from '../errors.js';
import { pathOf } from '../files/file-urls.js';
import { packageVersion } from '../files/package-files.js';
import { dateNow, monotonicNow, setTimeout } from '../host/real-time.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import { OPTIONS } from '../options.js';
import { checkOption, requireKnownOptions } from '../rules.js';
import { authoredPlace, keepRetainers, sampleSites } from '../session.js';
import type { DomainFilter, Filter } from '../snapshot/filter.js';
import type { Statistic } from '../snapshot/statistic.js';
import { brief } from '../text/retainers-text.js';
import { takeSnapshot } from '../tracer.js';
import type { Trace } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';
import { filterMatcher, lineFinder, type Matcher, siteMatcher } from './matching.js';
import { Retainers, textsOf } from './retainers.js';
import { type RetainerStep, STEP_KINDS } from './steps.js';

/** What {@link findRetainers} accepts: exactly one of `site`, `filter` and `objects`, and limits. */
export interface RetainerOptions {
  /**
   * Objects that were allocated there: a row of a snapshot or a line as
   * text, `file.js:6`; the file may be the end of a path. A traceback of one frame, as
   * `statistics('lineno')` has, means the line, another one this very stack.
   */
  site?: string | Traceback | Trace | Statistic;
  /** Objects whose traces pass this filter, as in `filterTraces`. */
  filter?: Filter | DomainFilter;
  /** These objects; no tracing is needed. They are held weakly meanwhile. */
  objects?: readonly object[];
  /** At most so many objects, chosen at random. 1 to 1000; default 20. */
  samples?: number;
  /** Time limit of the whole search, ms or as text. Default `'30s'`. */
  timeout?: number | string;
  /** Memory that the search may use, bytes or as text; about 2 MiB are needed. Default `'256MiB'`. */
  memoryLimit?: number | string;
}

/** What one search has found. */
type Told = Omit<ReturnType<Binding['tellRetainers']>, 'isLast'>;

/** What is searched for, as it is now. */
type Targets = () => { readonly sites: number[]; readonly objects: object[] };

interface Limits {
  readonly samples: number;
  readonly timeout: number;
  readonly memoryLimit: number;
  /** Whether the process waits for the end of the search. */
  readonly keepsAlive: boolean;
}

/** How often it searches again for what has changed. */
const MOST_ROUNDS = 4;

const searches = sharedByCopies(`${packageVersion} retainers`, () => ({ isSearching: false }));

// Not an async function: it would hold its argument, and so the objects, until it ends.
export function findRetainers(options: RetainerOptions): Promise<Retainers> {
  try {
    const { targets, limits } = checked(options);
    const { site } = options;
    return typeof site === 'string'
      ? retainersOfLines([site], limits).then(({ retainers }) => retainers)
      : searchAlone(targets, limits);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** What holds the objects of lines, and how much of them is live. */
export interface LineRetainers {
  /** The lines that have live samples, with their whole paths. */
  readonly lines: readonly string[];
  /** Live bytes when the search began, an estimate. */
  readonly size: number;
  /** Live samples at that moment. */
  readonly liveSamples: number;
  readonly retainers: Retainers;
}

interface LineSearchOptions extends Pick<RetainerOptions, 'samples' | 'timeout' | 'memoryLimit'> {
  /** False: the process may end before the search does. Default true. */
  readonly keepsAlive?: boolean;
}

/**
 * As {@link findRetainers}, for objects that were allocated at any of these lines, each written as
 * its option `site`.
 *
 * @throws (rejects) as {@link findRetainers}.
 */
export async function retainersOfLines(
  sites: readonly string[],
  given: LineSearchOptions = {},
): Promise<LineRetainers> {
  const lineOf = lineFinder(sites);
  const limits = checkedLimits(given);
  const lines = new Set<string>();
  let [size, liveSamples] = [0, 0];
  const before = monotonicNow();
  for (const { traceback, samples, size: bytes } of takeSnapshot().traces) {
    const found = samples === 0 ? undefined : lineOf(traceback);
    if (found === undefined) continue;
    lines.add(found);
    size += bytes;
    liveSamples += samples;
  }
  const blocked = monotonicNow() - before;
  const matches: Matcher = ({ traceback }) => lineOf(traceback) !== undefined;
  const retainers = await searchAlone(samplesOf(matches), limits, blocked);
  const [line] = lines;
  if (line !== undefined && lines.size === 1 && retainers.samples > 0) {
    const found = { ...brief(textsOf(retainers)), size: Math.round(size), liveSamples };
    keepRetainers({ site: line, time: dateNow(), ...found });
  }
  return { lines: [...lines], size, liveSamples, retainers };
}

/** @throws TracemallocError ERR_BUSY, or as `loadAddon`. */
function searchAlone(targets: Targets, limits: Limits, blocked = 0): Promise<Retainers> {
  const addon = loadAddon();
  if (searches.isSearching) {
    throw new TracemallocError('ERR_BUSY', 'another search for retainers is running: await it');
  }
  searches.isSearching = true;
  return search(addon, targets, limits, blocked).finally(() => {
    searches.isSearching = false;
  });
}

function checked(options: RetainerOptions): { targets: Targets; limits: Limits } {
  requireKnownOptions(options, [
    ...['site', 'filter', 'objects'],
    ...['samples', 'timeout', 'memoryLimit'],
  ]);
  const limits = checkedLimits(options ?? {});
  const { site, filter, objects } = options ?? {};
  if ([site, filter, objects].filter((one) => one !== undefined).length !== 1) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      'findRetainers needs exactly one of the options site, filter and objects',
    );
  }
  if (objects !== undefined) return { targets: weakly(objects), limits };
  const matches = site === undefined ? filterMatcher(filter) : siteMatcher(site);
  return { targets: samplesOf(matches), limits };
}

function checkedLimits(given: LineSearchOptions): Limits {
  const { samples, searchTimeout, memoryLimit } = OPTIONS;
  return {
    samples: checkOption('samples', samples, given.samples),
    timeout: checkOption('timeout', searchTimeout, given.timeout),
    memoryLimit: checkOption('memoryLimit', memoryLimit, given.memoryLimit),
    keepsAlive: given.keepsAlive ?? true,
  };
}

function samplesOf(matches: Matcher): Targets {
  return () => ({ sites: sampleSites(matches), objects: [] });
}

function weakly(objects: readonly object[]): Targets {
  const isObject = (one: unknown) =>
    (typeof one === 'object' && one !== null) || typeof one === 'function';
  if (!Array.isArray(objects) || !objects.every(isObject)) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `objects must be an array of objects, not ${shown(objects)}`,
    );
  }
  const references = objects.map((one) => new WeakRef<object>(one));
  return () => ({
    sites: [],
    objects: references.map((one) => one.deref()).filter((one) => one !== undefined),
  });
}

async function search(
  addon: Binding,
  targets: Targets,
  limits: Limits,
  blockedBefore: number,
): Promise<Retainers> {
  const begun = monotonicNow();
  let blocked = blockedBefore;
  let end: Retainers['end'] = 'complete';
  // Each round takes samples of its own; the round with the fewest unsure ones is the answer.
  let best: Told | undefined;
  for (let round = 0; round < MOST_ROUNDS && best?.changed !== 0 && end === 'complete'; round++) {
    const timeout = limits.timeout - (monotonicNow() - begun);
    if (timeout <= 0) {
      end = 'timeout';
      break;
    }
    const told = await searchOnce(addon, targets, { ...limits, timeout }, (time) => {
      blocked = Math.max(blocked, time);
    });
    if (told.end === 'unreadable') {
      throw new TracemallocError(
        'ERR_UNSUPPORTED_PLATFORM',
        'this process may not read its own memory: /proc is missing, or a filter for system calls (seccomp) forbids process_vm_readv',
      );
    }
    if (told.end === 'timeout' || told.end === 'memory') end = told.end;
    if (best === undefined || told.changed <= best.changed) best = told;
  }
  const { paths, unheld, changed } = best ?? { paths: [], unheld: 0, changed: 0 };
  const found = paths.map(stepsOf);
  return new Retainers({ found, unheld, changed, end, duration: monotonicNow() - begun, blocked });
}

async function searchOnce(
  addon: Binding,
  targets: Targets,
  limits: Limits,
  onBlocked: (time: number) => void,
): Promise<Told> {
  let started!: RetainerSearch;
  await new Promise<void>((onEnd) => {
    const before = monotonicNow();
    // From these the addon learns how V8 lays out a WeakMap's entries.
    const [weakMap, weakKey, weakValue] = [new WeakMap(), {}, {}];
    weakMap.set(weakKey, weakValue);
    started = translateErrors(() =>
      addon.searchRetainers({
        ...targets(),
        ...limits,
        ...{ weakMap, weakKey, weakValue, generator: (function* () {})(), onEnd },
      }),
    );
    onBlocked(monotonicNow() - before);
  });
  const told: Told = { end: 'complete', paths: [], unheld: 0, changed: 0 };
  for (let isLast = false; !isLast; ) {
    const before = monotonicNow();
    const some = translateErrors(() => addon.tellRetainers({ search: started, ...targets() }));
    onBlocked(monotonicNow() - before);
    told.end = some.end;
    told.paths.push(...some.paths);
    told.unheld += some.unheld;
    told.changed += some.changed;
    isLast = some.isLast;
    if (!isLast) await pause(limits);
  }
  return told;
}

/** One turn of the event loop. */
function pause({ keepsAlive }: Limits): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 1);
    if (!keepsAlive) timer.unref();
  });
}

const FIELDS = 7;

function stepsOf(rows: readonly (string | number)[]): RetainerStep[] {
  const steps: RetainerStep[] = [];
  for (let at = 0; at < rows.length; at += FIELDS) {
    const [kind, name, type, functionName, filename, line, column] = rows.slice(at) as [
      ...[kind: number, name: string, type: string],
      ...[functionName: string, filename: string, line: number, column: number],
    ];
    const place = authoredPlace({ functionName, filename, line, column });
    steps.push({
      kind: STEP_KINDS[kind] ?? 'internal',
      ...{ name, type, functionName },
      filename: filename === '' ? '' : (place?.filename ?? pathOf(filename)),
      lineno: place?.lineno ?? line,
    });
  }
  return steps;
}
