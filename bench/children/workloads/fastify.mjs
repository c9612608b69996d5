// SPDX-License-Identifier: MIT
// A server from npm: fastify, with validation of queries and serialization by schema.
import fastify from 'fastify';

const sessions = new Map();
const item = { type: 'object', properties: { n: { type: 'integer' }, id: { type: 'integer' } } };
const schema = {
  querystring: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } },
  response: {
    200: {
      type: 'object',
      properties: { ok: { type: 'boolean' }, items: { type: 'array', items: item } },
    },
  },
};

const app = fastify();
app.get('/', { schema }, async ({ query: { id } }) => {
  const items = Array.from({ length: 20 }, (_, n) => ({ n, id }));
  sessions.set(id % 5000, { id, seen: Date.now(), items });
  return { ok: true, items };
});

/** Returns the port; the bench sends the requests. */
export async function listen() {
  return Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
}

export function close() {
  app.server.closeAllConnections();
  return app.close();
}
