// SPDX-License-Identifier: MIT
// Thirty characters of each document are kept, and with them, unseen, the document.
export const calls = 4000;
const received = Buffer.alloc(6000, 'lorem ipsum ');
let titles = [];

export function leak(n) {
  received.writeUInt32LE(n, 100);
  const document = received.toString('latin1'); // leaks
  titles.push(document.slice(0, 30));
}

export function forget() {
  titles = [];
}
