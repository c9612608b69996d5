// SPDX-License-Identifier: MIT
// Nothing survives: short-lived objects and arrays as fast as the machine makes them.
export let escaped;

// A service's new space has grown long before; V8 collects a small one on one thread only, and the
// step from one to several would be taken for the tracker's cost.
let survivors = Array.from({ length: 1_000_000 }, (_, i) => ({ i }));

let sink = survivors.length;

export function run() {
  survivors = undefined;
  for (let i = 0; i < 60_000_000; i++) {
    const point = { x: i, y: i + 1, z: [i, i] };
    sink = (sink + point.z.length + point.x) | 0;
    if ((i & 1023) === 0) escaped = point;
  }
  return sink;
}
