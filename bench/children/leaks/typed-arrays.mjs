// SPDX-License-Identifier: MIT
// Measurements in typed arrays.
export const calls = 10_000;
let series = [];

export function leak(n) {
  series.push(new Float64Array(256).fill(n)); // leaks
}

export function forget() {
  series = [];
}
