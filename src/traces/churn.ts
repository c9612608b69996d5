// SPDX-License-Identifier: MIT
// Used in browsers, too.

/**
 * Bytes that were allocated since the start and have been collected again, as far as is known:
 * temporary garbage. Of survivors only, what has not survived yet counts as well. Undefined: the
 * engine can't know what was allocated.
 */
export function churnOf({
  size,
  allocatedSize,
}: {
  readonly size: number;
  readonly allocatedSize: number | undefined;
}): number | undefined {
  // Where live samples were thinned out, what lives may exceed what was allocated by chance.
  return allocatedSize === undefined ? undefined : Math.max(0, allocatedSize - size);
}
