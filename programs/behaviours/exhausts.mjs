// SPDX-License-Identifier: MIT
// Allocates until the heap is exhausted.
const all = [];
for (;;) all.push(new Array(1000).fill(all.length));
