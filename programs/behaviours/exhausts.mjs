// SPDX-License-Identifier: MIT
// Needs more heap than there is.
const all = [];
for (;;) all.push(new Array(1000).fill(all.length));
