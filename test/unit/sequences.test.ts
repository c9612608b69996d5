// SPDX-License-Identifier: MIT
// Compared with a Map of texts, with items that do and do not fit in half a word.
import { expect, test } from 'vitest';
import { DistinctSequences, Sequences } from '../../src/traces/sequences.js';

// From a linear congruential generator: the same numbers each time.
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const at = ({ items, begins, ends }: Sequences, id: number) =>
  [...items.subarray(begins[id], ends[id])].join();

test.each([8, 70_000, 4_000_000_000])(
  'distinct sequences of items below %i are found again',
  (largest) => {
    const random = numbers(largest);
    const all = new Sequences();
    const distinct = new DistinctSequences();
    const ids = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const items = Array.from({ length: random(4) }, () => random(random(2) === 0 ? 4 : largest));
      const text = items.join();
      expect(all.add(items, items.length)).toBe(i);
      expect(at(all, i)).toBe(text);
      expect(distinct.add(items, items.length)).toBe(ids.get(text) ?? ids.size);
      if (!ids.has(text)) ids.set(text, ids.size);
    }
    expect(distinct.length).toBe(ids.size);
    for (const [text, id] of ids) expect(at(distinct, id)).toBe(text);
  },
);

test('items beyond the given length do not count', () => {
  const distinct = new DistinctSequences({ sequences: 1, items: 1 });
  expect(distinct.add([1, 2, 3], 2)).toBe(0);
  expect(distinct.add([1, 2, 4], 2)).toBe(0);
  expect(distinct.add([1, 2, 4], 3)).toBe(1);
  expect(at(distinct, 1)).toBe('1,2,4');
});
