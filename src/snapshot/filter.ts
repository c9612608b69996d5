// SPDX-License-Identifier: MIT
import { shown, TracemallocError } from '../errors.js';
import { pathOf, pathPattern } from '../files/file-urls.js';
import type { Frames } from '../traces/charge.js';
import type { Frame } from '../traces/frame.js';
import { NO_LABELS } from '../traces/labels.js';
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
   * across slashes), `?`, `[abc]`, `[!abc]`. One that begins with `file:///`, such as
   * `import.meta.url`, means that URL's path.
   */
  filenamePattern: string;
  /** Only this line. 0 is a line; undefined: any. */
  lineno?: number | undefined;
  /** Any frame of the traceback may match, not only the charged one. Default false. */
  allFrames?: boolean;
  /** Including: the domain must match too. Excluding: only within this domain. */
  domain?: string | undefined;
}

/**
 * Selects traces by file and line. As in Python, all fields but the pattern may be assigned to.
 * Python: `tracemalloc.Filter`.
 */
export class Filter {
  /** See {@link FilterOptions}, as for the other fields. */
  inclusive: boolean;
  /** As given. An assignment throws TracemallocError ERR_INVALID_ARGUMENT. */
  declare readonly filenamePattern: string;
  /** Undefined: any. */
  lineno: number | undefined;
  /** False: only the charged frame may match; see `filterTraces`. */
  allFrames: boolean;
  /** Undefined: any. */
  domain: string | undefined;
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
    fix(this, 'filenamePattern', filenamePattern);
    this.lineno = lineno;
    this.allFrames = allFrames;
    this.domain = domain;
    this.#pattern = globToRegExp(normalizeSlashes(pathPattern(filenamePattern)));
  }

  /**
   * True: the trace may stay, as far as this filter goes.
   *
   * @param frames - which frame is charged, see `filterTraces`; default the allocating one.
   */
  matches(
    { domain, traceback }: Pick<TraceFigures, 'domain' | 'traceback'>,
    frames: Frames = 'all',
  ): boolean {
    const charged = traceback.chargedFrame(frames);
    const looked = this.allFrames || charged === undefined ? traceback.frames : [charged];
    const found = looked.some((frame) => this.#matchesFrame(frame)) === this.inclusive;
    if (this.domain === undefined) return found;
    const inDomain = domain === this.domain;
    return this.inclusive ? found && inDomain : found || !inDomain;
  }

  #matchesFrame({ filename, lineno }: Frame): boolean {
    if (this.lineno !== undefined && lineno !== this.lineno) return false;
    const fits = (name: string) => this.#pattern.test(normalizeSlashes(name));
    // Profiles of other tools have URLs in place of paths.
    return fits(filename) || (filename.startsWith('file:') && fits(pathOf(filename)));
  }
}

/**
 * Selects traces by domain. As in Python, `inclusive` may be assigned to.
 * Python: `tracemalloc.DomainFilter`.
 */
export class DomainFilter {
  /** True: keep what is of this domain; false: leave it out. */
  inclusive: boolean;
  /**
   * Kind of memory: `heap`, `buffer`, or what the application tracks itself. An assignment throws
   * TracemallocError ERR_INVALID_ARGUMENT.
   */
  declare readonly domain: string;

  /** @throws TracemallocError ERR_INVALID_ARGUMENT for a wrong type or an unknown option. */
  constructor(options: { inclusive: boolean; domain: string }) {
    requireOptions('DomainFilter', options, ['inclusive', 'domain']);
    const { inclusive, domain } = options;
    requireType('inclusive', inclusive, 'boolean');
    requireType('domain', domain, 'string');
    this.inclusive = inclusive;
    fix(this, 'domain', domain);
  }

  /** True: the trace may stay, as far as this filter goes. */
  matches({ domain }: Pick<TraceFigures, 'domain'>): boolean {
    return (domain === this.domain) === this.inclusive;
  }
}

/** Selects traces by a label. Python has no counterpart. */
export class LabelFilter {
  /** True: keep what has the label; false: leave it out. */
  inclusive: boolean;
  /** Its name, such as `route`. An assignment throws TracemallocError ERR_INVALID_ARGUMENT. */
  declare readonly label: string;
  /** Its text; undefined: any. An assignment throws as that to `label`. */
  declare readonly value: string | undefined;

  /** @throws TracemallocError ERR_INVALID_ARGUMENT for a wrong type or an unknown option. */
  constructor(options: { inclusive: boolean; label: string; value?: string | undefined }) {
    requireOptions('LabelFilter', options, ['inclusive', 'label', 'value']);
    const { inclusive, label, value } = options;
    requireType('inclusive', inclusive, 'boolean');
    requireType('label', label, 'string');
    if (value !== undefined) requireType('value', value, 'string');
    this.inclusive = inclusive;
    fix(this, 'label', label);
    fix(this, 'value', value);
  }

  /** True: the trace may stay, as far as this filter goes. */
  matches({ labels = NO_LABELS }: Pick<TraceFigures, 'labels'>): boolean {
    const isFound =
      Object.hasOwn(labels, this.label) &&
      (this.value === undefined || labels[this.label] === this.value);
    return isFound === this.inclusive;
  }
}

function requireType(name: string, value: unknown, type: string): void {
  if (typeof value === type && !Number.isNaN(value)) return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `${name} must be a ${type}, not ${shown(value)}`,
  );
}

// A property that is only not writable would ignore assignments in code that is not strict.
function fix(filter: object, name: string, value: string | undefined): void {
  Object.defineProperty(filter, name, {
    enumerable: true,
    get: () => value,
    set: () => {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `${name} of a filter can't be changed; make another filter`,
      );
    },
  });
}

// A pattern written with either slash matches paths written with either.
function normalizeSlashes(text: string): string {
  return text.replaceAll('\\', '/');
}
