// SPDX-License-Identifier: MIT
// A cache that never evicts.
export const calls = 100_000;
const cache = new Map();

export function leak(n) {
  cache.set(n, { id: n, visits: 0, roles: [n, n + 1], address: { street: n, city: n + 1 } }); // leaks
}

export const forget = () => cache.clear();
