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
    const lineOf = lineFinder(site);
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
    ? ({ traceback: other }) => chargeable(other).map(String).includes(String(frame))
    : ({ traceback: other }) => other.frames.map(String).join('\n') === text;
}

/** Whether the text is a line such as `file.js:6`. */
export function isLine(site: string): boolean {
  return /.:\d+$/.test(site);
}

/**
 * Returns a function that finds the line `site`, which may be the end of its path, among those to
 * which a stack may be charged.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function lineFinder(site: string): (traceback: Traceback) => string | undefined {
  if (!isLine(site)) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `site must be a line such as 'file.js:6', not ${shown(site)}`,
    );
  }
  const isIt = (line: string) => line === site || line.endsWith(`/${site}`);
  // As people see it, and as programs do, where a name has invisible characters.
  return (traceback) =>
    chargeable(traceback)
      .flatMap((frame) => [String(frame), frameText(frame)])
      .find(isIt);
}

// As Python charges a stack, and as reports do.
function chargeable(traceback: Traceback): Frame[] {
  return (['all', 'app', 'own'] as const).flatMap((frames) => traceback.chargedFrame(frames) ?? []);
}
