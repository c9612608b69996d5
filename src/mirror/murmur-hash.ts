// SPDX-License-Identifier: MIT
// MurmurHash3, the 32-bit variant for x86 with seed 0 (https://github.com/aappleby/smhasher), as
// native/core/wire.cc has it. Not zlib's crc32, which would load zlib in services that don't use
// it: three quarters of a megabyte of heap.
import type { Steps } from '../host/steps.js';

const WORDS_PER_STEP = 4096;

/** Hashes bytes from `offset`, a multiple of 4, to the end, on little-endian machines; in steps. */
export function* murmurHash(buffer: ArrayBuffer, offset = 0): Steps<number> {
  const size = buffer.byteLength - offset;
  const words = new Int32Array(buffer, offset, size >> 2);
  let hash = 0;
  for (let begin = 0; begin < words.length; begin += WORDS_PER_STEP) {
    hash = addWords(hash, words.subarray(begin, begin + WORDS_PER_STEP));
    yield;
  }
  let rest = 0;
  const bytes = new Uint8Array(buffer, offset + words.byteLength);
  for (let i = 0; i < bytes.length; i++) rest |= (bytes[i] ?? 0) << (8 * i);
  hash ^= scrambled(rest) ^ size;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function addWords(begin: number, words: Int32Array): number {
  let hash = begin;
  for (const word of words) {
    hash ^= scrambled(word);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return hash;
}

function scrambled(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}
