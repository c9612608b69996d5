// SPDX-License-Identifier: MIT
import { shown, TracemallocError } from '../errors.js';
import type { Frame } from '../traces/frame.js';
import { requireOptions } from '../traces/method-options.js';
import type { TraceFigures } from '../traces/trace.js';
import { globToRegExp } from './glob.js';

const FILTER_OPTIONS = ['inclusive', 'filenamePattern', 'lineno', 'allFrames', 'domain'] as const;

/** What {@link Filter} is made of. */
export interface FilterOptions {
  /** True: keep what matches; false: leave it out. */
  inclusive: boolean;
  /**
   * Shell pattern for the whole filename (a path, if the script was loaded from a file): `*` (also
   * across slashes), `?`, `[abc]`, `[!abc]`.
   */
  filenamePattern: string;
  /** Only this line. 0 is a line; undefined: any. */
  lineno?: number | undefined;
  /** Any frame of the traceback may match, not only the allocating one. Default false. */
  allFrames?: boolean;
  /** Including: the domain must match too. Excluding: only within this domain. */
  domain?: string | undefined;
}

/** Selects traces by file and line. Python: `tracemalloc.Filter`. */
export class Filter {
  /** See {@link FilterOptions}, as for the other fields. */
  readonly inclusive: boolean;
  /** As given, with either slash. */
  readonly filenamePattern: string;
  /** Undefined: any. */
  readonly lineno: number | undefined;
  /** False: only the allocating frame may match. */
  readonly allFrames: boolean;
  /** Undefined: any. */
  readonly domain: string | undefined;
  readonly #pattern: RegExp;

  /** @throws TracemallocError ERR_INVALID_ARGUMENT for a wrong type or an unknown option. */
  constructor(options: FilterOptions) {
    requireOptions('Filter', options, FILTER_OPTIONS);
    const { inclusive, filenamePattern, lineno, allFrames = false, domain } = options;
    requireType('inclusive', inclusive, 'boolean');
    requireType('filenamePattern', filenamePattern, 'string');
    if (lineno !== undefined) requireType('lineno', lineno, 'number');
    requireType('allFrames', allFrames, 'boolean');
    if (domain !== undefined) requireType('domain', domain, 'string');
    this.inclusive = inclusive;
    this.filenamePattern = filenamePattern;
    this.lineno = lineno;
    this.allFrames = allFrames;
    this.domain = domain;
    this.#pattern = globToRegExp(normalizeSlashes(filenamePattern));
  }

  /** True: the trace may stay, as far as this filter goes. */
  matches({ domain, traceback }: TraceFigures): boolean {
    const frames = this.allFrames ? traceback.frames : traceback.frames.slice(-1);
    const found = frames.some((frame) => this.#matchesFrame(frame)) === this.inclusive;
    if (this.domain === undefined) return found;
    const inDomain = domain === this.domain;
    return this.inclusive ? found && inDomain : found || !inDomain;
  }

  #matchesFrame({ filename, lineno }: Frame): boolean {
    if (this.lineno !== undefined && lineno !== this.lineno) return false;
    return this.#pattern.test(normalizeSlashes(filename));
  }
}

/** Selects traces by domain. Python: `tracemalloc.DomainFilter`. */
export class DomainFilter {
  /** True: keep what is of this domain; false: leave it out. */
  readonly inclusive: boolean;
  /** Kind of memory: `heap`, `buffer`, or what the application tracks itself. */
  readonly domain: string;

  /** @throws TracemallocError ERR_INVALID_ARGUMENT for a wrong type or an unknown option. */
  constructor(options: { inclusive: boolean; domain: string }) {
    requireOptions('DomainFilter', options, ['inclusive', 'domain']);
    const { inclusive, domain } = options;
    requireType('inclusive', inclusive, 'boolean');
    requireType('domain', domain, 'string');
    this.inclusive = inclusive;
    this.domain = domain;
  }

  /** True: the trace may stay, as far as this filter goes. */
  matches({ domain }: TraceFigures): boolean {
    return (domain === this.domain) === this.inclusive;
  }
}

function requireType(name: string, value: unknown, type: string): void {
  if (typeof value === type && !Number.isNaN(value)) return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `${name} must be a ${type}, not ${shown(value)}`,
  );
}

// A pattern written with either slash matches paths written with either.
function normalizeSlashes(text: string): string {
  return text.replaceAll('\\', '/');
}
