// SPDX-License-Identifier: MIT
// Matches literals of the source with bytecodes. Both are in V8's order; each bytecode is one
// literal of its kind, and each literal has one bytecode, except those that V8 may leave out.
import type { Item } from './order.js';

/** A bytecode as native/v8/names/literal_placer.cc describes it. */
export type BytecodeRow = readonly [letter: string, told: number, detail: unknown];

const MOST_CELLS = 1 << 20;

/**
 * Returns for each row the index of its item; -1: several items are possible.
 *
 * @returns undefined: the two lists do not match.
 */
export function align(rows: readonly BytecodeRow[], items: readonly Item[]): number[] | undefined {
  const needed = items.filter(({ isOptional }) => !isOptional).length;
  if (needed > rows.length || rows.length > items.length) return undefined;
  const fits = (i: number, j: number) => isMadeBy(rows[i] as BytecodeRow, items[j] as Item);
  if (rows.length === items.length) {
    return rows.every((_, i) => fits(i, i)) ? rows.map((_, i) => i) : undefined;
  }
  const width = items.length + 1;
  if ((rows.length + 1) * width > MOST_CELLS) return undefined;
  // Whether the first i rows can match the first j items exactly, and the same from the end.
  const before = new Uint8Array((rows.length + 1) * width);
  const behind = new Uint8Array((rows.length + 1) * width);
  const isOptional = (j: number) => (items[j] as Item).isOptional;
  for (let i = 0; i <= rows.length; i++) {
    for (let j = 0; j <= items.length; j++) {
      const isReached =
        (i === 0 && j === 0) ||
        (j > 0 && before[i * width + j - 1] === 1 && isOptional(j - 1)) ||
        (i > 0 && j > 0 && before[(i - 1) * width + j - 1] === 1 && fits(i - 1, j - 1));
      if (isReached) before[i * width + j] = 1;
    }
  }
  if (before[rows.length * width + items.length] !== 1) return undefined;
  for (let i = rows.length; i >= 0; i--) {
    for (let j = items.length; j >= 0; j--) {
      const isReached =
        (i === rows.length && j === items.length) ||
        (j < items.length && behind[i * width + j + 1] === 1 && isOptional(j)) ||
        (i < rows.length &&
          j < items.length &&
          behind[(i + 1) * width + j + 1] === 1 &&
          fits(i, j));
      if (isReached) behind[i * width + j] = 1;
    }
  }
  return rows.map((_, i) => {
    let found = -1;
    for (let j = 0; j < items.length; j++) {
      if (before[i * width + j] !== 1 || behind[(i + 1) * width + j + 1] !== 1) continue;
      if (!fits(i, j)) continue;
      if (found >= 0) return -1;
      found = j;
    }
    return found;
  });
}

function isMadeBy([letter, , detail]: BytecodeRow, item: Item): boolean {
  // Arrays of arguments and of rest elements belong to no literal.
  if (item.letter === '[') return letter === 'a' || letter === 'd' || letter === 'i';
  if (letter !== item.letter) return false;
  switch (letter) {
    case 'o': {
      const names = (detail as readonly unknown[]).map(String);
      const known = new Set(names);
      return (
        names.every((name) => item.mayHave?.has(name)) &&
        (item.names ?? []).every((name) => known.has(name))
      );
    }
    case 'a':
      return detail === item.length;
    case 'x':
      return detail === item.pattern;
    case 'f':
      return (detail as readonly number[] | undefined)?.[1] === item.end;
    default:
      return true;
  }
}
