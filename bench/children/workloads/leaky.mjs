// SPDX-License-Identifier: MIT
// The README's leaky service, under load: each request leaves 40 KB behind.
import { createServer } from 'node:http';
import { fetchUserData } from '../../../examples/leaky-service/fetchuserdata.js';
import { served } from '../served.mjs';

const server = createServer((request, response) => {
  const id = Number(new URL(request.url, 'http://localhost').searchParams.get('id'));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(fetchUserData(id)));
});

// Requests before and during the measurement: 400 MB in the end.
export const requests = [2500, 7500];

export const { listen, close } = served(server);
