import { matchers } from 'tracemalloc/testing';
import { expect, test } from 'vitest';
import { fillCart } from './cart.js';

expect.extend(matchers);

test(
  'filling carts leaves nothing behind',
  () => expect(() => fillCart('Ada')).toHaveNoGrowth(),
  300_000,
);
