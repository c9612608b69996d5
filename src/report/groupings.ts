// SPDX-License-Identifier: MIT
// What memory is charged to in reports: the site, and the sums that are tested for growth besides,
// since a leak need not be on one line.
import type { KeyType } from '../snapshot/grouping.js';
import { keyOf } from '../snapshot/grouping.js';
import { allocatorIndex, chargedIndex, type Frames } from '../traces/charge.js';
import { Frame, LabelFrame, TypeFrame } from '../traces/frame.js';
import { labelsText } from '../traces/labels.js';
import { sharesOf, type Trace } from '../traces/trace.js';
import { kindsIn, type Traceback } from '../traces/traceback.js';

/** Those figures of a trace that are added up. */
type ChargedFigures = Pick<Trace, 'size' | 'count' | 'samples' | 'variance' | 'allocatedSize'>;

/** What a trace, or a part of it, is charged to. */
export interface Charged {
  readonly key: string;
  /** Oldest first, down to the charged one. */
  readonly frames: readonly Frame[];
  readonly figures: ChargedFigures;
  /** What allocated for the charged frame; undefined: that frame itself. */
  readonly allocator?: Frame | undefined;
}

export type Charging = (trace: Trace) => readonly Charged[];

/**
 * A sum over several sites: of a line with all that it calls in dependencies, of a module, or of the
 * objects of a class.
 */
export type SumKind = 'line' | 'module' | 'type';

export interface SiteOptions {
  readonly keyType: KeyType;
  readonly frames: Frames;
}

/**
 * A site is a charged frame: by default the innermost of the user's own code, since dependencies
 * and Node are not lines that a user can change.
 */
export function bySite({ keyType, frames }: SiteOptions): Charging {
  if (keyType === 'type') return byType(frames);
  if (keyType === 'label') return byLabels(frames);
  return byTraceback((traceback) => {
    const stack = kindsIn(traceback);
    const charged = chargedIndex(stack, frames);
    const allocator = allocatorIndex(stack, charged);
    const kept = traceback.frames.slice(keyType === 'traceback' ? 0 : charged, charged + 1);
    return {
      key: kept.map((frame) => keyOf(frame, keyType)).join('\n'),
      frames: kept,
      allocator: allocator === undefined ? undefined : traceback.at(allocator),
    };
  });
}

/** By type, whatever made the objects; the line that did is their allocator. */
function byType(frames: Frames): Charging {
  return (trace) =>
    sharesOf(trace).map((share) => ({
      key: share.type,
      frames: [new TypeFrame(share.type)],
      figures: figuresOf(trace, share),
      allocator: trace.traceback.chargedFrame(frames),
    }));
}

/** By labels; the line that made most is their allocator. */
function byLabels(frames: Frames): Charging {
  return (trace) => {
    const key = labelsText(trace.labels);
    const allocator = trace.traceback.chargedFrame(frames);
    return [{ key, frames: [new LabelFrame(key)], figures: trace, allocator }];
  };
}

/**
 * The objects of each type of what another grouping charges, where every object is a sample: where a
 * table doubles now and then, what is in it grows evenly.
 */
export function byTypeIn(charge: Charging): Charging {
  return (trace) =>
    charge(trace).flatMap((charged) =>
      trace.types
        .filter(({ size }) => size > 0)
        .map((share) => ({
          ...charged,
          key: `${JSON.stringify(share.type)}\n${charged.key}`,
          figures: { ...figuresOf(trace, share), samples: share.count },
        })),
    );
}

/** The `id` of the site that one of {@link byTypeIn} is a part of. */
export function idOfWhole({ id, domain }: { id: string; domain: string }): string {
  const key = id.slice(domain.length + 1);
  return `${domain}\n${key.slice(key.indexOf('\n') + 1)}`;
}

export const SUMS: Readonly<Record<SumKind, Charging>> = {
  /** The innermost line outside `node_modules`, with what dependencies allocate for it. */
  line: byTraceback((traceback) => {
    const own = traceback.chargedFrame('own');
    if (own === undefined || own.isInternal || own.isDependency) return undefined;
    return { key: keyOf(own, 'lineno'), frames: [own] };
  }),
  /** A file of the application, a dependency, or, where there is neither, a part of Node. */
  module: byTraceback((traceback) => {
    const name = moduleOf(traceback);
    return name === undefined ? undefined : { key: name, frames: [new Frame(name, 0)] };
  }),
  /** Objects of a class, wherever they are made. */
  type: (trace) => trace.types.flatMap((share) => ofType(trace, share)),
};

/** A grouping of whole traces, which looks at each traceback once. */
function byTraceback(
  group: (traceback: Traceback) => Omit<Charged, 'figures'> | undefined,
): Charging {
  const known = new WeakMap<Traceback, ReturnType<typeof group>>();
  return (trace) => {
    const { traceback } = trace;
    if (!known.has(traceback)) known.set(traceback, group(traceback));
    const grouped = known.get(traceback);
    return grouped === undefined ? [] : [{ ...grouped, figures: trace }];
  };
}

const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;

function moduleOf(traceback: Traceback): string | undefined {
  const charged = traceback.chargedFrame('app');
  if (charged !== undefined && !charged.isInternal) {
    return PACKAGE.exec(charged.filename)?.[0] ?? charged.filename;
  }
  // The outermost: what Node was doing, however many of its modules took part.
  const outermost = traceback.frames.find(({ filename }) => filename.startsWith('node:'));
  return outermost && partOfNode(outermost.filename);
}

/** `node:http` for `node:_http_server`, `node:stream` for `node:internal/streams/readable`. */
function partOfNode(filename: string): string {
  const part = /^node:(?:internal\/)?_?(http|tls|stream)s?(?:[_/]|$)/.exec(filename)?.[1];
  return part === undefined ? filename : `node:${part}`;
}

// Such objects are everywhere, so their number means nothing.
const COMMON = new Set(['Object', 'Array']);

function ofType(trace: Trace, share: Trace['types'][number]): Charged[] {
  const { type, size } = share;
  if (type.startsWith('(') || COMMON.has(type) || size <= 0) return [];
  return [{ key: type, frames: [new Frame(type, 0)], figures: figuresOf(trace, share) }];
}

function figuresOf(trace: Trace, { size, count }: Trace['types'][number]): ChargedFigures {
  const share = trace.size > 0 ? Math.min(1, size / trace.size) : 1;
  return {
    size,
    count,
    samples: trace.samples * share,
    variance: trace.variance * share,
    allocatedSize: undefined, // known of the whole trace only
  };
}
