// SPDX-License-Identifier: MIT
// Allocates short-lived objects and arrays as fast as the machine can; none survives.
export let escaped;

// Makes the new space grow first, as in a service: V8 collects a small one on one thread only, and
// the step from one thread to several would be mistaken for the tracker's cost.
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
