// SPDX-License-Identifier: MIT
// A timeout for each request that is never cleared.
export const calls = 60_000;
let timeouts = [];
const DAY = 24 * 60 * 60 * 1000;
const expire = (request) => request;

export function leak(n) {
  timeouts.push(setTimeout(expire, DAY, n).unref()); // leaks
}

export function forget() {
  for (const timeout of timeouts) clearTimeout(timeout);
  timeouts = [];
}
