// SPDX-License-Identifier: MIT
// Nothing survives: short-lived objects and arrays as fast as the machine makes them.
let sink = 0;

export function run() {
  for (let i = 0; i < 12_000_000; i++) {
    const point = { x: i, y: i + 1, z: [i, i] };
    sink = (sink + point.z.length + point.x) | 0;
    if ((i & 1023) === 0) escaped = point;
  }
  return sink;
}

export let escaped;
