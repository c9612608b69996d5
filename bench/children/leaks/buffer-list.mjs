// SPDX-License-Identifier: MIT
// Bodies of requests, kept.
export const calls = 6000;
let bodies = [];

export function leak(n) {
  bodies.push(Buffer.alloc(4096, n)); // leaks
}

export function forget() {
  bodies = [];
}
