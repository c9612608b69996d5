// SPDX-License-Identifier: MIT

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/**
 * Bytes as Python's tracemalloc prints them: plain up to 10239 B, then the unit that leaves two to
 * five digits, one decimal below 100. KiB = 1024.
 *
 * @param signed - a `+` before figures that are not negative, for differences.
 */
export function formatSize(bytes: number, { signed = false } = {}): string {
  let size = bytes;
  for (const unit of UNITS) {
    if (Math.abs(size) < 100 && unit !== 'B') return `${fixed(size, 1, signed)} ${unit}`;
    if (Math.abs(size) < 10 * 1024 || unit === 'TiB') return `${fixed(size, 0, signed)} ${unit}`;
    size /= 1024;
  }
  throw new RangeError('unreachable: the last unit takes all');
}

/** A count, an estimate or not, as Python prints it: whole. */
export function formatCount(count: number, { signed = false } = {}): string {
  return fixed(count, 0, signed);
}

// printf's %.1f and %.0f: a tie goes to the even digit, where toFixed goes away from zero. Both
// judge the exact binary value, so a tie at one decimal is an odd multiple of 1/4 and nothing else
// (0.15 is not one: it is a little less than it says), and none of these products is rounded.
function fixed(value: number, digits: 0 | 1, signed: boolean): string {
  const scale = digits === 0 ? 1 : 10;
  const isTie = Math.abs((value * (digits === 0 ? 2 : 4)) % 2) === 1;
  const floor = Math.floor(value * scale);
  const even = floor % 2 === 0 ? floor : floor + 1;
  const text = (isTie ? even / scale : value).toFixed(digits);
  const unsigned = text.replace(/^-(?=[0.]*$)/, '');
  return signed && !unsigned.startsWith('-') ? `+${unsigned}` : unsigned;
}
