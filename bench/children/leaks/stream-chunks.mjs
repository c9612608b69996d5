// SPDX-License-Identifier: MIT
// A stream that is written to but never read.
import { Readable } from 'node:stream';

export const calls = 9000;
const chunk = () => Buffer.alloc(2048, 1); // leaks
let unread = new Readable({ read() {}, highWaterMark: 1024 });

export function leak() {
  unread.push(chunk());
}

export function forget() {
  unread.destroy();
  unread = new Readable({ read() {} });
}
