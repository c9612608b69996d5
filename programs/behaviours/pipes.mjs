// SPDX-License-Identifier: MIT
// A filter: reads all of stdin, hashes, compresses and prints it.
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

const hash = createHash('sha256');
await pipeline(
  process.stdin,
  createGzip(),
  createGunzip(),
  async function* (source) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk.toString().toUpperCase();
    }
  },
  process.stdout,
  { end: false },
);
console.log(hash.digest('hex'));
