// SPDX-License-Identifier: MIT
// Generators that are started and never finish: they are allocated where they are declared.
export const calls = 120_000;
const cursors = new Array(120_000);

// biome-ignore format: V8 allocates the generator at its parameters, on this line
function* page(from) { // leaks
  for (let n = from; ; n++) yield n;
}

export function leak(n) {
  cursors[n] = page(n);
  cursors[n].next();
}

export function forget() {
  cursors.fill(undefined);
}
