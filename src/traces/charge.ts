// SPDX-License-Identifier: MIT
// Which frame of a stack is charged with its memory: Python charges the innermost, but where that
// is a dependency or a part of Node, users look for the line of their own that called it. Used in
// browsers, too.

/** Where a frame belongs, by how far it is from the user's own code. */
export const KIND = { own: 0, dependency: 1, internal: 2 } as const;

export const FRAMES = ['own', 'app', 'all'] as const;

/**
 * Which frame is charged: `'own'`: the innermost one of the user's own code, which is neither
 * Node's, nor in `node_modules`, nor without a file (`evalmachine.<anonymous>`, `wasm:`); `'app'`: the innermost that is not Node's; `'all'`: the innermost,
 * as in Python. Where a stack has no such frame, the next of these applies.
 */
export type Frames = (typeof FRAMES)[number];

/** What is charged, for people. */
export const FRAMES_MEANING: Readonly<Record<Frames, string>> = {
  own: 'the innermost line that is neither in node_modules nor in Node',
  app: 'the innermost line that is not in Node',
  all: 'the innermost frame',
};

/** What methods accept that count a stack for one of its frames. */
export interface ChargeOptions {
  /** Which frame of a stack is charged, see {@link Frames}. Default `'all'`, as in Python. */
  frames?: Frames;
}

const MOST_DISTANT: Readonly<Record<Frames, number>> = {
  own: KIND.own,
  app: KIND.dependency,
  all: KIND.internal,
};

/** The frames of a stack: `kindAt` gives the `KIND` of each, the oldest at 0. */
interface Stack {
  readonly depth: number;
  readonly kindAt: (index: number) => number;
}

/** The index of the charged frame; -1: the stack has no frames. */
export function chargedIndex({ depth, kindAt }: Stack, frames: Frames): number {
  let nearest = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (let index = depth - 1; index >= 0; index--) {
    const kind = kindAt(index);
    if (kind <= MOST_DISTANT[frames]) return index;
    if (kind < distance) [nearest, distance] = [index, kind];
  }
  return nearest;
}

/** Whether a caller of this kind would be charged if the charged frame and its callees were not. */
export function isChargeable(kind: number, charged: number, frames: Frames): boolean {
  return kind <= Math.max(charged, MOST_DISTANT[frames]);
}

/**
 * The index of the frame to show beside the charged one, as what allocated for it: the innermost of
 * its dependencies; else the innermost of Node; undefined: the charged frame itself allocated.
 */
export function allocatorIndex(stack: Stack, charged: number): number | undefined {
  const last = stack.depth - 1;
  if (charged === last) return undefined;
  const dependency = chargedIndex(stack, 'app');
  return dependency > charged ? dependency : last;
}

/** Bytes of one group by allocator, as {@link allocatorIndex} says. */
export class Allocators<F> {
  readonly #byPlace = new Map<string, { frame: F; size: number }>();

  /** @param place - the same for frames that are shown as the same. */
  add(place: string, frame: F, size: number): void {
    const known = this.#byPlace.get(place);
    if (known === undefined) this.#byPlace.set(place, { frame, size });
    else known.size += size;
  }

  /** These less those of an earlier moment. */
  since(before: Allocators<F> | undefined): Allocators<F> {
    const difference = new Allocators<F>();
    for (const [place, { frame, size }] of this.#byPlace) difference.add(place, frame, size);
    if (before === undefined) return difference;
    for (const [place, { frame, size }] of before.#byPlace) difference.add(place, frame, -size);
    return difference;
  }

  /**
   * The frame that allocated most of a group's bytes; undefined: no frame did as much as the
   * charged one itself.
   */
  largest(total: number): F | undefined {
    let most: F | undefined;
    let largest = 1; // less than a byte is a residue
    let own = total;
    for (const { frame, size } of this.#byPlace.values()) {
      own -= size;
      if (size < largest) continue;
      [most, largest] = [frame, size];
    }
    return own > largest ? undefined : most;
  }

  clear(): void {
    this.#byPlace.clear();
  }
}

interface NamedFrame {
  readonly filename: string;
  readonly lineno: number;
  readonly functionName: string;
}

/**
 * How an allocator is shown beside a line: `push`, `alloc`; in a dependency
 * `node_modules/winston/lib/logger.js:12`.
 */
export function allocatorName(
  { filename, lineno, functionName }: NamedFrame,
  kind: number,
): string {
  if (kind === KIND.internal && functionName !== '') return functionName;
  const path = filename.slice(Math.max(0, filename.lastIndexOf('node_modules')));
  return lineno === 0 ? path : `${path}:${lineno}`;
}
