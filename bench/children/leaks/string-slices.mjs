// SPDX-License-Identifier: MIT
// Keeps thirty characters of each document, and with them, unintentionally, the document.
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
