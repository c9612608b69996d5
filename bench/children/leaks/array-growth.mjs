// SPDX-License-Identifier: MIT
// A log of numbers: one array whose elements V8 copies to a larger place again and again.
export const calls = 2_000_000;
let log = [];

export function leak(n) {
  log.push(n); // leaks
}

export function forget() {
  log = [];
}
