// Orders with an audit: each request adds a listener that is never removed.
import { EventEmitter } from 'node:events';
import Fastify from 'fastify';
import { createHandler, createReporter, start } from 'tracemalloc';

start();

const fastify = Fastify({ logger: true });
createReporter({ logger: fastify.log, every: '5s' });

const handler = createHandler();
fastify.all('/debug/*', (request, reply) => {
  reply.hijack();
  handler(request.raw, reply.raw);
});

const audit = new EventEmitter().setMaxListeners(0);
fastify.addHook('preHandler', async (request) => {
  const receipt = Buffer.from(`${JSON.stringify(request.query)}\n`.repeat(3000)); // leaks
  audit.on('flush', () => fastify.log.info(`${receipt.length} bytes`));
});

fastify.get('/orders', async () => ({ ordered: true }));
await fastify.listen({ port: Number(process.env.PORT ?? 3000) });
