// SPDX-License-Identifier: MIT
// A small JSON API on node:http; the load comes from the bench's own process over loopback.
import { createServer } from 'node:http';
import { served } from '../served.mjs';

const sessions = new Map();

const server = createServer((request, response) => {
  const id = Number(new URL(request.url, 'http://localhost').searchParams.get('id'));
  const session = {
    id,
    seen: Date.now(),
    items: Array.from({ length: 20 }, (_, n) => ({ n, id })),
  };
  sessions.set(id % 5000, session);
  const body = JSON.stringify({ ok: true, session, total: sessions.size });
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(body);
});

export const { listen, close } = served(server);
