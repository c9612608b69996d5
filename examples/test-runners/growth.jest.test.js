const { matchers } = require('tracemalloc/testing');
const { fillCart } = require('./cart.js');

expect.extend(matchers);

test(
  'filling carts leaves nothing behind',
  () => expect(() => fillCart('Ada')).toHaveNoGrowth(),
  300_000,
);
