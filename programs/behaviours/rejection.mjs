// SPDX-License-Identifier: MIT
// Rejects a promise without a handler.
import { keep } from './keep.mjs';

async function fail() {
  await null;
  throw new RangeError(`rejected after ${keep()}`);
}
process.on('exit', (code) => console.log('exit', code));
fail();
await new Promise((resolve) => setTimeout(resolve, 1000));
