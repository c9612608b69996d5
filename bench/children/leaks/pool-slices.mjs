// SPDX-License-Identifier: MIT
// Keeps one token in a hundred, and with it the 8 KiB of Node's pool that contain it.
export const calls = 300_000;
const text = 'a token of some eighty bytes, as they are sent with each request to a service...';
let tokens = [];

export function leak(n) {
  const token = Buffer.from(text); // leaks
  if (n % 100 === 0) tokens.push(token);
}

export function forget() {
  tokens = [];
}
