// SPDX-License-Identifier: MIT
// A list that grows in a hot function by objects of a small helper, which the optimizer inlines.
export const calls = 200_000;
let newest;

function makeRow(n, previous) {
  return { n, previous, low: n & 7, high: n >> 3, at: n + 1, seen: 0, state: 'open', user: n }; // leaks
}

export function leak(n) {
  newest = makeRow(n, newest);
}

export function forget() {
  newest = undefined;
}
