// SPDX-License-Identifier: MIT
// Buffers of 16 KiB, of which the last 500 are live: memory outside the heap, freed by collections.
const ring = new Array(500);

export const turns = 4;

export function run() {
  let bytes = 0;
  for (let i = 0; i < 60_000; i++) {
    ring[i % ring.length] = Buffer.alloc(16_384);
    bytes += ring[i % ring.length].length;
  }
  return bytes;
}
