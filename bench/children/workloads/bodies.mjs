// SPDX-License-Identifier: MIT
// An upload service: bodies of 64 KiB are read as a whole and sent back.
import { createServer } from 'node:http';
import { served } from '../served.mjs';

export const body = Buffer.alloc(64 * 1024, 'x');
export const requests = [3000, 8000];
// It is chance whether free memory is at the end of malloc's heap, and so is released and faulted
// in again: 0 to 10 page faults a request from one minute to the next, tracked or not.
export const env = { MALLOC_TRIM_THRESHOLD_: String(2 ** 31) };

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks)));
});

export const { listen, close } = served(server);
