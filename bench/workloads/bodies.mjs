// SPDX-License-Identifier: MIT
// An upload service: bodies of 64 KiB in, read as a whole, and out again.
import { createServer } from 'node:http';

export const body = Buffer.alloc(64 * 1024, 'x');
export const requests = [3000, 8000];

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks)));
});

/** Answers the port; the bench sends the requests. */
export function listen() {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

export function close() {
  server.close();
  server.closeAllConnections();
}
