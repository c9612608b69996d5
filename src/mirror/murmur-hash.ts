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
  return finished(hash ^ scrambled(rest) ^ size);
}

function finished(sum: number): number {
  let hash = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
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

/** The same of texts, by their UTF-16 units, little-endian, and of words between them. */
export class MurmurOfUnits {
  #hash = 0;
  #size = 0;
  #half = 0;
  #hasHalf = false;

  /** After an even number of units. */
  addWord(word: number): void {
    this.#hash ^= scrambled(word);
    this.#hash = (Math.imul((this.#hash << 13) | (this.#hash >>> 19), 5) + 0xe6546b64) | 0;
    this.#size += 4;
  }

  add(text: string, begin: number, end: number): this {
    let at = begin;
    if (at < end && this.#hasHalf) {
      this.addWord(this.#half | (text.charCodeAt(at++) << 16));
      this.#hasHalf = false;
    }
    let hash = this.#hash;
    const size = (end - at) & ~1;
    for (const last = at + size; at < last; at += 2) {
      hash ^= scrambled(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
    }
    this.#hash = hash;
    this.#size += 2 * size;
    if (at < end) {
      this.#half = text.charCodeAt(at);
      this.#hasHalf = true;
    }
    return this;
  }

  /** More can be added afterwards. */
  finish(): number {
    const rest = this.#hasHalf ? this.#half : 0;
    return finished(this.#hash ^ scrambled(rest) ^ (this.#size + (this.#hasHalf ? 2 : 0)));
  }
}
