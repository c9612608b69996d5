import { start, stop, takeSnapshot } from 'tracemalloc';
import { afterEach, expect, test } from 'vitest';
import { fillCart } from './cart.js';

afterEach(stop);

test('filling carts leaves nothing behind', () => {
  start({ sampleInterval: 1024 });
  for (let i = 0; i < 100; i++) fillCart(i); // what is compiled and cached once
  gc();
  const before = takeSnapshot();
  for (let i = 0; i < 1000; i++) fillCart(i);
  gc();
  const growth = takeSnapshot().compareTo(before, 'lineno', { frames: 'own' });
  expect(growth.filter(({ sizeDiff }) => sizeDiff > 200_000).map(String)).toEqual([]);
});
