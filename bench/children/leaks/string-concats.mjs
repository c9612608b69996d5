// SPDX-License-Identifier: MIT
// Messages put together from parts: V8 keeps the parts, linked.
export const calls = 100_000;
let messages = [];

export function leak(n) {
  messages.push(`request ${n} was answered in ${n % 97} ms with ${n % 13} rows`); // leaks
}

export function forget() {
  messages = [];
}
