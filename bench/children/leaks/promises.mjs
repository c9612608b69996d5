// SPDX-License-Identifier: MIT
// Callers that wait for an answer that never comes.
export const calls = 240_000;
let waiting = [];

export function leak(n) {
  waiting.push(new Promise(() => {}).then(() => n)); // leaks
}

export function forget() {
  waiting = [];
}
