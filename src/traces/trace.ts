// SPDX-License-Identifier: MIT
import { formatSize } from '../text/size.js';
import type { Age } from './age.js';
import { type Labels, labelsText, NO_LABELS } from './labels.js';
import type { Traceback } from './traceback.js';
import { UNKNOWN_TYPE } from './unknown-type.js';

/** The share of one type in the live bytes of a line: of `'Session'`, `'Array'`, `'string'`, ... */
export interface TypeShare {
  /** Name of the class or kind of object. */
  readonly type: string;
  /** Live bytes. */
  readonly size: number;
  /** Live objects. */
  readonly count: number;
}

/**
 * The figures of a trace by type, which add up to its own; what has no known type is a share of the
 * type {@link UNKNOWN_TYPE}.
 */
export function sharesOf({
  size,
  count,
  types,
}: Pick<TraceFigures, 'size' | 'count' | 'types'>): readonly TypeShare[] {
  const typed = types.reduce((sum, share) => sum + share.size, 0);
  // Estimates of a part may exceed that of the whole by chance.
  const scale = typed > size ? Math.max(0, size) / typed : 1;
  const known = scale === 1 ? types : types.map((share) => scaled(share, scale));
  const rest = size - Math.min(size, typed);
  const restCount = Math.max(0, count - known.reduce((sum, share) => sum + share.count, 0));
  // Less is a residue of rounding.
  const isAll = types.length > 0 && rest <= size * 1e-9;
  return isAll ? known : [...known, { type: UNKNOWN_TYPE, size: rest, count: restCount }];
}

function scaled({ type, size, count }: TypeShare, scale: number): TypeShare {
  return { type, size: size * scale, count };
}

/**
 * All allocations of one domain that share a stack and labels. (Python has a trace per memory block; sampled
 * blocks of one stack are one trace here, with their estimated number as `count`.) All figures are
 * estimates, see `samples` and `variance`.
 */
export interface TraceFigures {
  /** Kind of memory: `heap`, `buffer`, or what the application tracks itself. */
  readonly domain: string;
  /** Live bytes: allocated since start and not collected yet. */
  readonly size: number;
  /**
   * Live allocations. The engine `inspector` infers it from bytes: it may be too high where a stack
   * has few samples.
   */
  readonly count: number;
  /**
   * Bytes allocated since start or clear; undefined: this engine can't know. An estimate of its own:
   * where live samples were thinned out, `size` may exceed it by chance. When there are
   * thousands of stacks without live memory, they are removed: what they had is then part of a
   * trace whose frame is named `(no longer live)`.
   */
  readonly allocatedSize: number | undefined;
  /** Allocations since start or clear; undefined: this engine can't know. */
  readonly allocatedCount: number | undefined;
  /** Live samples that the estimate rests on. */
  readonly samples: number;
  /** The variance of `size`, bytes squared. */
  readonly variance: number;
  /** By size, largest first; only of objects that survived a garbage collection; empty: unknown. */
  readonly types: readonly TypeShare[];
  /**
   * How old what lives is, of a snapshot by `takeSnapshot({ ages: true })`. Undefined: it was not
   * asked for, or is not known, as of memory that `track()` recorded and of streams.
   */
  readonly age?: Age | undefined;
  /** Those of `label()` and of routes that were in force where it was allocated; default none. */
  readonly labels?: Labels;
  /** Where it was allocated. */
  readonly traceback: Traceback;
}

/** Python: `tracemalloc.Trace`. */
export class Trace implements TraceFigures {
  readonly domain!: string;
  readonly size!: number;
  readonly count!: number;
  readonly allocatedSize!: number | undefined;
  readonly allocatedCount!: number | undefined;
  readonly samples!: number;
  readonly variance!: number;
  readonly types!: readonly TypeShare[];
  readonly age?: Age | undefined;
  readonly labels: Labels = NO_LABELS;
  readonly traceback!: Traceback;

  /** For snapshots of one's own making. */
  constructor(figures: TraceFigures) {
    Object.assign(this, figures);
  }

  /** Same domain, labels, stack, size and count. */
  equals(other: Trace): boolean {
    return (
      this.domain === other.domain &&
      labelsText(this.labels) === labelsText(other.labels) &&
      this.size === other.size &&
      this.count === other.count &&
      this.traceback.equals(other.traceback)
    );
  }

  /** `file:line: size`, as Python. */
  toString(): string {
    return `${this.traceback}: ${formatSize(this.size)}`;
  }
}
