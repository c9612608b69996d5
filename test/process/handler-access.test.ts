import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createNetServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { afterEach, describe, expect, test } from 'vitest';
import { PACKAGE, run } from '../support/child.js';

const { createHandler } = (await import(PACKAGE)) as typeof import('../../src/index.js');

const REACHED = 503;
const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

async function listen(server: Server, where: string | { port: number; host?: string }) {
  server.listen(where);
  await once(server, 'listening');
  open.push(server);
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string' ? { path: address } : { port: address.port };
}

type Place = { path: string } | { port: number; host?: string };

// Both sides have the key, so no certificate is needed.
const KEY = Buffer.alloc(32, 'key');
const TLS = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;

/** The status of a request whose lines are sent as they are. */
async function statusOf(place: Place, lines: readonly string[], secure = false): Promise<number> {
  const socket = secure
    ? connectTls({
        ...{ host: '127.0.0.1', ...place, ...TLS, checkServerIdentity: () => undefined },
        pskCallback: () => ({ psk: KEY, identity: 'client' }),
      })
    : connect({ host: '127.0.0.1', ...place });
  let text = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
  });
  socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

const get = (target: string, ...headers: string[]) => [
  `GET ${target} HTTP/1.1`,
  'Host: 127.0.0.1',
  ...headers,
];

const OURS = [
  '/debug/tracemalloc',
  '/debug/tracemalloc?top=1',
  '/debug/pprof/heap?seconds=1',
  '/debug/tracemalloc?',
];

// Some parser may read each of these as one of our paths.
const TRICKS = [
  '/x/../debug/tracemalloc',
  '/./debug/tracemalloc',
  '/debug/./tracemalloc',
  '/debug/x/../tracemalloc',
  '/%2e/debug/tracemalloc',
  '/x/%2e%2e/debug/tracemalloc',
  '/x/.%2E/debug/pprof/heap',
  '/debug\\tracemalloc',
  '/\\debug/tracemalloc',
  '/.\\debug\\tracemalloc',
  '/x\\..\\debug\\tracemalloc',
  '/debug%2ftracemalloc',
  '/debug%5Ctracemalloc',
  '/%64ebug/tracemalloc',
  '//debug/tracemalloc',
  '///debug/tracemalloc',
  '/debug//tracemalloc',
  '/;/debug/tracemalloc',
  '/x/..;/debug/tracemalloc',
  '/debug;x/tracemalloc',
  '/debug/tracemalloc;x',
  '/debug/tracemalloc%00',
  '/debug/tracemalloc%20',
  '/debug/tracemalloc%3Ftop=1',
  '/debug/tracemalloc.',
  '/debug/tracemalloc#x',
  '/debug/tracemalloc&top=1',
  '/debug/pprof/heap/',
  '/DEBUG/tracemalloc',
  '/Debug/Pprof/Heap',
  '/debug/tracemalloc/../tracemalloc',
  'http://127.0.0.1/debug/tracemalloc',
  'http://evil.example/debug/tracemalloc',
  'http:/debug/tracemalloc',
  '@evil.example/debug/tracemalloc',
  '*',
];

describe('paths', () => {
  const anyone = () => createHandler({ allow: () => true });

  test('the handler serves its own paths only, in exactly their spelling', async () => {
    const handler = anyone();
    const place = await listen(
      createServer((request, response) =>
        handler(request, response, () => response.writeHead(299).end()),
      ),
      { port: 0, host: '127.0.0.1' },
    );
    for (const target of OURS) {
      expect([target, await statusOf(place, get(target))]).toEqual([target, REACHED]);
    }
    for (const target of TRICKS) {
      // Node itself refuses malformed requests.
      expect([299, 400], target).toContain(await statusOf(place, get(target)));
    }
  });

  test("no other spelling bypasses an application's own middleware for these paths", async () => {
    const app = express();
    app.use('/debug', (_request, response) => void response.sendStatus(401));
    app.use('/internal/debug', (_request, response) => void response.sendStatus(401));
    app.use('/internal', anyone());
    app.use(anyone());
    app.use((_request, response) => void response.sendStatus(299));
    const place = await listen(createServer(app), { port: 0, host: '127.0.0.1' });
    for (const target of [...OURS, ...TRICKS]) {
      expect([299, 400, 401], target).toContain(await statusOf(place, get(target)));
      if (!target.startsWith('/')) continue;
      expect([299, 400, 401], target).toContain(await statusOf(place, get(`/internal${target}`)));
    }
  });

  test.each(['fastify', 'koa'])('%s: exactly these paths are served', async (framework) => {
    const handler = anyone();
    let server: Server;
    if (framework === 'fastify') {
      const app = fastify();
      app.all('/*', (request, reply) => {
        reply.hijack();
        handler(request.raw, reply.raw, () => reply.raw.writeHead(299).end());
      });
      await app.ready();
      server = app.server;
    } else {
      const app = new Koa();
      app.use((context) => {
        context.respond = false;
        handler(context.req, context.res, () => context.res.writeHead(299).end());
      });
      server = createServer(app.callback());
    }
    const place = await listen(server, { port: 0, host: '127.0.0.1' });
    for (const target of OURS) expect(await statusOf(place, get(target)), target).toBe(REACHED);
    for (const target of TRICKS) {
      // Fastify refuses some of them itself.
      expect([299, 400, 404], target).toContain(await statusOf(place, get(target)));
    }
  });
});

describe('without a token', () => {
  const ask = (place: Place, ...headers: string[]) =>
    statusOf(place, get('/debug/tracemalloc', ...headers));

  test.each([
    ['127.0.0.1', REACHED],
    ['::1', REACHED],
    ['localhost', REACHED],
    // A proxy on this machine that adds no header can't be distinguished from other clients.
    ['0.0.0.0', 403],
    ['::', 403],
    [undefined, 403],
  ])('a server that listens on %s: %d', async (host, status) => {
    const where = host === undefined ? { port: 0 } : { port: 0, host };
    const { port } = (await listen(createServer(createHandler()), where)) as { port: number };
    const at = host === '::1' || host === 'localhost' ? host : '127.0.0.1';
    expect(await ask({ port, host: at })).toBe(status);
  });

  test('two servers that share a handler are judged by their own addresses', async () => {
    const handler = createHandler();
    const inside = await listen(createServer(handler), { port: 0, host: '127.0.0.1' });
    const outside = await listen(createServer(handler), { port: 0, host: '0.0.0.0' });
    expect([await ask(inside), await ask(outside)]).toEqual([REACHED, 403]);
  });

  test('a Unix socket, and a server that does not listen itself, are refused', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
    try {
      expect(
        await ask(await listen(createServer(createHandler()), join(directory, 'socket'))),
      ).toBe(403);
    } finally {
      rmSync(directory, { recursive: true });
    }
    const inner = createServer(createHandler());
    const outer = createNetServer((socket) => inner.emit('connection', socket));
    expect(await ask(await listen(outer, { port: 0, host: '127.0.0.1' }))).toBe(403);
  });

  test('with a token a server may listen anywhere', async () => {
    const server = createServer(createHandler({ token: 's3:cret' }));
    const place = await listen(server, { port: 0, host: '0.0.0.0' });
    expect(await ask(place)).toBe(401);
    expect(await ask(place, 'Authorization: Bearer s3:cret')).toBe(REACHED);
    expect(await ask(place, 'Authorization: Bearer s3:cret', 'X-Forwarded-For: 6.6.6.6')).toBe(
      REACHED,
    );
  });

  test('https and HTTP/2: the same rules apply', async () => {
    for (const [host, status] of [
      ['127.0.0.1', REACHED],
      ['0.0.0.0', 403],
    ] as const) {
      const secure = await listen(
        createHttpsServer({ ...TLS, pskCallback: () => KEY }, createHandler()),
        { port: 0, host },
      );
      expect(await statusOf(secure, get('/debug/tracemalloc'), true)).toBe(status);
      const http2 = createHttp2Server(createHandler() as unknown as RequestListener as never);
      const { port } = (await listen(http2, { port: 0, host })) as { port: number };
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      const answer = async (headers: Record<string, string>) => {
        const stream = session.request({ ':path': '/debug/tracemalloc', ...headers });
        const [answered] = await once(stream, 'response');
        await once(stream.resume(), 'close');
        return answered[':status'];
      };
      expect(await answer({})).toBe(status);
      expect(await answer({ 'x-forwarded-for': '127.0.0.1' })).toBe(403);
      expect(await answer({ ':authority': 'evil.example' })).toBe(403);
      expect(await answer({ host: 'evil.example' })).toBe(403);
      session.close();
      await once(session, 'close');
    }
  });
});

test('an error of allow() is printed once on stderr, and not sent to the client', async () => {
  const { stdout, stderr } = await run(new URL('../fixtures/throwing-allow.mjs', import.meta.url));
  expect(stdout).toBe('500 tracemalloc: allow() threw\n\n'.repeat(2));
  expect(stderr).toBe('tracemalloc: allow() threw: Error: no database at db.internal\n');
});

test.each([
  [{ tokens: 's3cret' }, /unknown option "tokens"; the known ones are token, allow, sources/],
  [{ Token: 's3cret' }, /unknown option "Token"/],
  [{ token: 's3cret', path: '/x' }, /unknown option "path"/],
  [null, /options must be an object, not null/],
  ['s3cret', /options must be an object, not "s3cret"/],
])('createHandler(%j) throws: a wrong option never grants access', (options, reason) => {
  expect(() => createHandler(options as never)).toThrow(
    expect.objectContaining({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringMatching(reason),
    }),
  );
});
