// SPDX-License-Identifier: MIT
// Estimates which of the blocks that malloc handed out are in memory. How many bytes malloc handed
// out, and for what, is known, and so is how many of all are resident, but not which. So each kind
// keeps what it had at the reading before, as far as it still has that much; what has become
// resident since belongs to buffers as far as they can have it, then to objects, then to the rest.
// In this way no kind shrinks because another one has allocated what it did not touch.

/** Bytes by what malloc handed them out for. */
export interface MallocUse {
  readonly buffers: number;
  /** What objects hold natively. */
  readonly native: number;
  readonly other: number;
}

const KINDS = ['buffers', 'native', 'other'] as const;

let before: MallocUse = { buffers: 0, native: 0, other: 0 };

/** How much of what was handed out is in memory, bytes; `resident` is the sum. */
export function touched(handedOut: MallocUse, resident: number): MallocUse {
  const now = { buffers: 0, native: 0, other: 0 };
  let left = resident;
  for (const limit of [before, handedOut]) {
    for (const kind of KINDS) {
      const more = Math.max(0, Math.min(limit[kind], handedOut[kind]) - now[kind]);
      const taken = Math.min(more, left);
      now[kind] += taken;
      left -= taken;
    }
  }
  now.other += left;
  before = now;
  return now;
}

let notOfMalloc = 0;

/**
 * How much of the blocks that are mappings of their own is in memory, bytes; `resident` is the sum
 * with mappings of native code.
 */
export function touchedBlocks(handedOut: number, resident: number): number {
  notOfMalloc = Math.max(resident - handedOut, Math.min(notOfMalloc, resident));
  return resident - notOfMalloc;
}
