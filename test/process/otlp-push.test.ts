// SPDX-License-Identifier: MIT
// createPusher() with a server that takes what an OpenTelemetry collector takes.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evaluate, programs } from '../support/child.js';
import { decodeOtlp } from '../support/otlp.js';

const ask = programs<typeof import('../fixtures/pusher.mjs')>('pusher');

interface Received {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let server: Server;
let origin: string;
let received: Received[];
/** Status codes for the next requests, in order; then 200. */
let answers: number[];
beforeEach(async () => {
  [received, answers] = [[], []];
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    received.push({ target: `${request.method} ${request.url}`, headers: request.headers, body });
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

// Preloaded before tracemalloc.
const GZIP_FAILS = {
  args: ['--import', new URL('../fixtures/gzip-fails-twice.mjs', import.meta.url).href],
};

const LEAKED = ({ stack }: { stack: readonly string[] }) => /:leak$/.test(stack[0] ?? '');

test('profiles that cannot be encoded are dropped, and told; later ones follow', async () => {
  const { status, errors } = await ask<{ status: object; errors: string[] }>('pushed', {
    given: {
      options: { url: `http://${origin}`, protocol: 'otlp' },
      enough: { pushed: 1 },
    },
    ...GZIP_FAILS,
  });
  expect(errors).toEqual(['no memory for gzip', 'no memory for gzip']);
  expect(status).toMatchObject({ dropped: 2, failures: 0 });
  expect(received.length).toBeGreaterThanOrEqual(1);
});

test('windows follow each other; what they allocated and what lives is in them', async () => {
  const { status, errors } = await ask<{ status: object; errors: string[] }>('pushed', {
    given: {
      options: {
        ...{ url: `http://${origin}/tenant/`, protocol: 'otlp', application: 'shop api' },
        ...{ labels: { 'deployment.environment.name': 'eu' }, headers: { 'x-scope': 'team' } },
      },
      enough: { pushed: 3 },
    },
  });
  expect(errors).toEqual([]);
  expect(status).toMatchObject({ dropped: 0, failures: 0 });
  const all = received.slice(0, 3).map(({ target, headers, body }) => {
    expect(target).toBe('POST /tenant/v1development/profiles');
    expect(headers).toMatchObject({
      ...{ 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
      'x-scope': 'team',
    });
    return decodeOtlp(gunzipSync(body));
  });
  for (const { resource, profiles } of all) {
    expect(resource).toMatchObject({
      ...{ 'service.name': 'shop api', 'deployment.environment.name': 'eu' },
      'process.runtime.version': process.versions.node,
    });
    expect(profiles.map(({ type }) => type)).toEqual([
      ...['inuse_space', 'inuse_objects', 'alloc_space', 'alloc_objects'],
    ]);
  }
  const sumOf = (type: string) =>
    all.map(({ profiles }) =>
      profiles
        .find((profile) => profile.type === type)!
        .samples.filter(LEAKED)
        .reduce((sum, { value }) => sum + value, 0),
    );
  // Almost nothing is collected: what lives is the sum of what the windows allocated.
  const allocated = sumOf('alloc_space').reduce((sum, bytes) => sum + bytes, 0);
  const live = sumOf('inuse_space').at(-1)!;
  expect(live).toBeGreaterThan(0);
  expect(allocated).toBeGreaterThanOrEqual(live);
  expect(allocated).toBeLessThan(1.2 * live);
  const times = all.map(({ profiles }) => profiles[0]!.time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const { profiles } of all) expect(profiles[0]!.duration).toBeGreaterThan(0);
});

test('neither the password of the address nor its query nor a header gets into an error', async () => {
  answers = [400, 503];
  const { errors } = await ask<{ errors: string[] }>('pushed', {
    given: {
      options: {
        ...{ url: `http://user:word1@${origin}/?key=word2`, protocol: 'otlp' },
        headers: { authorization: 'Bearer word3' },
      },
      enough: { pushed: 1 },
    },
  });
  expect(errors).toHaveLength(2);
  for (const error of errors) {
    expect(error).toContain(`http://${origin}/v1development/profiles: `);
    expect(error).not.toMatch(/word/);
  }
  expect(received[0]!.target).toBe('POST /v1development/profiles?key=word2');
});

test('what is wrong is told when the pusher is made', async () => {
  const told = await evaluate(({ tracemalloc }) => {
    tracemalloc.start();
    return [
      { url: 'http://localhost:1', application: 'a', protocol: 'http' },
      { url: 'http://localhost:1', application: '' },
      { url: 'http://localhost:1', application: 'a', labels: { a: 1 } },
      { url: 'ftp://user:word@localhost', application: 'a' },
    ].map((options) => {
      try {
        tracemalloc.createPusher({ protocol: 'otlp', ...options } as never);
        return 'made';
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return `${code} ${message}`;
      }
    });
  });
  expect(told).toEqual([
    "ERR_INVALID_OPTION protocol must be 'pyroscope' or 'otlp', not \"http\"",
    'ERR_INVALID_OPTION application must be the name of the service, not ""',
    'ERR_INVALID_OPTION labels must be names with strings; "a" is 1',
    'ERR_INVALID_OPTION url must be that of the server, such as http://collector:4318, not "ftp://***@localhost"',
  ]);
});
