// SPDX-License-Identifier: MIT
// A small JSON API on node:http; the load comes from the bench's own process over loopback.
import { createServer } from 'node:http';

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
