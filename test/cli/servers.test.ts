// SPDX-License-Identifier: MIT
// The command line with hostile or broken servers: whatever they send, it ends, with one line that
// says why.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { cli } from '../support/cli.js';

const open: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
});

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  open.push({ server, sockets });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener) => listen(createServer(listener));

/** A TCP server in place of the expected HTTP server. */
const speak = (talk: (socket: Socket) => void) => listen(createNetServer(talk));

/** Writes endlessly, as fast as the client reads. */
function pour(to: NodeJS.WritableStream & { destroyed?: boolean }, piece: string | Uint8Array) {
  const more = () => {
    while (to.writable && to.write(piece));
  };
  to.on('drain', more);
  more();
}

async function top(url: string): Promise<string> {
  const { code, stdout, stderr } = await cli(['top', url, '--token', 's3cret']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^tracemalloc: .*\n$/);
  return stderr;
}

test('slow or incomplete responses are given up after 20 s, with what was received', async () => {
  const sent = (what: string) => new RegExp(`has sent ${what} in 20 s`);
  const [silent, drip, headers, interim] = await Promise.all([
    serve(() => undefined).then(top),
    serve((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(100)), 1000);
      response.on('close', () => clearInterval(timer));
    }).then(top),
    speak((socket) => void socket.write('HTTP/1.1 200 OK\r\nX-A: ')).then(top),
    speak((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 100);
      socket.on('close', () => clearInterval(timer));
    }).then(top),
  ]);
  expect(silent).toMatch(sent('nothing'));
  expect(drip).toMatch(sent('only [12]\\d00 B'));
  expect(headers).toMatch(sent('nothing'));
  expect(interim).toMatch(sent('nothing'));
});

test('endless bodies and endless headers are not read further', async () => {
  const zeros = Buffer.alloc(1 << 20);
  const body = await top(await serve((_, response) => pour(response, zeros)));
  expect(body).toMatch(/sends more than 256 MiB/);
  // JSON takes many times its size when it is parsed.
  const asked = await cli(['why', await serve((_, response) => pour(response, zeros))]);
  expect(asked).toMatchObject({ code: 1, stdout: '' });
  expect(asked.stderr).toMatch(/^tracemalloc: .* sends more than 32\.0 MiB, .*\n$/);
  const refusal = await serve((_, response) => pour(response.writeHead(500), zeros));
  expect(await top(refusal)).toMatch(/answers 500: /);
  const chunks = await speak((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;');
    pour(socket, 'a'.repeat(65_536));
  });
  expect(await top(chunks)).toMatch(/can't reach .*(Overflow|overflow)/);
  const headers = await speak((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-A: ');
    pour(socket, 'a'.repeat(65_536));
  });
  expect(await top(headers)).toMatch(/can't reach .*[Oo]verflow/);
  const reason = await speak((socket) => {
    socket.write('HTTP/1.1 200 ');
    pour(socket, 'a'.repeat(65_536));
  });
  expect(await top(reason)).toMatch(/^tracemalloc: (can't reach|http)/);
});

test('a small response that unpacks to much is refused, in a profile and in an encoding', async () => {
  const bomb = gzipSync(Buffer.alloc(257 * 2 ** 20), { level: 1 });
  expect(bomb.length).toBeLessThan(2 * 2 ** 20);
  const packed = await top(await serve((_, response) => response.end(bomb)));
  expect(packed).toMatch(
    /is not a sound heap profile: [\d.]+ [KM]iB that unpack to more than 256 MiB/,
  );
  const encoded = await serve((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  );
  expect(await top(encoded)).toMatch(/in an encoding that was not asked for, gzip/);
});

test('a redirect is reported and not followed, so the other server does not get the token', async () => {
  const heard: (string | undefined)[] = [];
  const other = await serve(({ headers }, response) => {
    heard.push(headers.authorization);
    response.end();
  });
  await Promise.all(
    (
      [
        [301, `${other}/stolen`],
        [307, `${other}/stolen`],
        [302, 'file:///etc/passwd'],
        [308, '/again'],
      ] as const
    ).map(async ([status, to]) => {
      const url = await serve((_, response) => response.writeHead(status, { location: to }).end());
      expect(await top(url)).toContain(
        `answers ${status}, with another address, which is not followed: ${to}`,
      );
    }),
  );
  expect(heard).toEqual([]);
});

test('a token in an address is neither used nor shown', async () => {
  const { code, stdout, stderr } = await cli(['top', 'http://:s3cret@127.0.0.1:9/']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('pass a token by --token or TRACEMALLOC_TOKEN');
  expect(stderr).not.toContain('s3cret');
});

test('with ?seconds the command waits for that time longer', async () => {
  const file = join(tmpdir(), `tracemalloc-servers-${process.pid}.pb.gz`);
  const keeper = fileURLToPath(new URL('../fixtures/keeper.mjs', import.meta.url));
  execFileSync(process.execPath, [keeper, `${file}.old`, file]);
  const profile = readFileSync(file);
  const url = await serve((_, response) => {
    setTimeout(() => response.end(profile), 24_000);
  });
  const waiting = cli(['top', `${url}/debug/pprof/heap?seconds=10`]);
  expect(await top(url)).toMatch(/has sent nothing in 20 s/);
  expect(await waiting).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('keeper.mjs:11'),
  });
});
