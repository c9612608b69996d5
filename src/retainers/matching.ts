// SPDX-License-Identifier: MIT
// Which traces are meant by what a caller of findRetainers gives.
import { shown, TracemallocError } from '../errors.js';
import type { Filter } from '../snapshot/filter.js';
import { type Frame, frameText } from '../traces/frame.js';
import type { TraceFigures } from '../traces/trace.js';
import { Traceback } from '../traces/traceback.js';

export type Matcher = (trace: Pick<TraceFigures, 'domain' | 'traceback'>) => boolean;

/** @throws TracemallocError ERR_INVALID_OPTION. */
export function filterMatcher(filter: unknown): Matcher {
  if (typeof (filter as Filter | undefined)?.matches === 'function') {
    return (trace) => (filter as Filter).matches(trace);
  }
  throw new TracemallocError('ERR_INVALID_OPTION', `filter must be a Filter, not ${shown(filter)}`);
}

/** @throws TracemallocError ERR_INVALID_OPTION. */
export function siteMatcher(site: unknown): Matcher {
  if (typeof site === 'string') {
    const lineOf = lineFinder([site]);
    return ({ traceback }) => lineOf(traceback) !== undefined;
  }
  const traceback =
    site instanceof Traceback ? site : (site as { traceback?: unknown } | null)?.traceback;
  if (!(traceback instanceof Traceback)) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `site must be a line such as 'file.js:6', or have a traceback, not ${shown(site)}`,
    );
  }
  const text = traceback.frames.map(String).join('\n');
  const frame = traceback.frames[0];
  return traceback.length === 1 && frame !== undefined
    ? ({ traceback: other }) => linesOf(other).includes(String(frame))
    : ({ traceback: other }) => other.frames.map(String).join('\n') === text;
}

/** Whether the text is a line such as `file.js:6`. */
export function isLine(site: string): boolean {
  return /.:\d+$/.test(site);
}

/**
 * Returns a function that finds a line among those to which a stack may be charged: one of `sites`,
 * each of which may be the end of its path.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function lineFinder(sites: readonly string[]): (traceback: Traceback) => string | undefined {
  const wrong = sites.find((site) => !isLine(site));
  if (wrong !== undefined) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `site must be a line such as 'file.js:6', not ${shown(wrong)}`,
    );
  }
  const wanted = new Set(sites);
  return (traceback) =>
    linesOf(traceback).find((line) => endsOf(line).some((end) => wanted.has(end)));
}

/** `/a/b.js:6`, `a/b.js:6` and `b.js:6`. */
function endsOf(line: string): string[] {
  const ends = [line];
  for (let at = line.indexOf('/'); at >= 0; at = line.indexOf('/', at + 1)) {
    ends.push(line.slice(at + 1));
  }
  return ends;
}

const lines = new WeakMap<Traceback, readonly string[]>();

/** As people see them, and as programs do, where a name has invisible characters. */
function linesOf(traceback: Traceback): readonly string[] {
  let known = lines.get(traceback);
  if (known === undefined) {
    const texts = chargeable(traceback).flatMap((frame) => [String(frame), frameText(frame)]);
    known = [...new Set(texts)];
    lines.set(traceback, known);
  }
  return known;
}

// As Python charges a stack, and as reports do.
function chargeable(traceback: Traceback): Frame[] {
  return (['all', 'app', 'own'] as const).flatMap((frames) => traceback.chargedFrame(frames) ?? []);
}
