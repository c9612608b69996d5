// SPDX-License-Identifier: MIT
// createHandler() in services on four frameworks, requested by Go's pprof and by plain HTTP.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type RequestListener, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { PACKAGE } from '../support/child.js';
import { type Service, startService } from '../support/service.js';
import { goPprof, withGo } from '../support/tools.js';

const { createHandler } = (await import(PACKAGE)) as typeof import('../../src/index.js');

const SERVED = new URL('../fixtures/served.mjs', import.meta.url);
const LEAK = 'served.mjs:13';

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function serve(framework: string, options: object = {}): Promise<string> {
  const service = await startService(SERVED, { args: [framework, JSON.stringify(options)] });
  services.push(service);
  return service.origin;
}

interface Got {
  status: number | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

/** Not by fetch, which can't send a Host header of our choice. */
function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, async (response) => {
      const chunks = await response.toArray();
      const { statusCode: status } = response;
      resolve({ status, headers: response.headers, body: Buffer.concat(chunks) });
    });
    asked.on('error', reject).end();
  });
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(['http', 'express', 'fastify', 'koa'])('%s', (framework) => {
  test(
    "go tool pprof shows the leaking line, live and over a second; the service's own pages still work",
    withGo,
    async () => {
      const origin = await serve(framework);
      // Resolving the names of all that a framework has loaded blocks the event loop for up to a
      // second at this interval, before or after the service listens.
      await get(origin);
      await wait(300);
      const live = await goPprof('-top', '-lines', `${origin}/debug/pprof/heap`);
      expect(live).toContain('Type: inuse_space');
      expect(live).toContain(`leak`);
      expect(live).toContain(LEAK);
      const over = await goPprof('-top', '-lines', '-seconds', '1', `${origin}/debug/pprof/heap`);
      expect(over).toMatch(/Duration: (1|1\.\d+)s/);
      expect(over).toContain(LEAK);
      expect((await get(origin)).body.toString()).toBe('served');
      const report = await get(`${origin}/debug/tracemalloc`);
      expect(report).toMatchObject({
        status: 200,
        headers: { 'content-type': 'application/json' },
      });
      const { sites } = JSON.parse(report.body.toString());
      expect(sites.map(({ site }: { site: string }) => site)).toContainEqual(
        expect.stringContaining(LEAK),
      );
    },
  );
});

test("has the type of Express's middleware, and of Node's request listener", () => {
  const middleware: RequestHandler = createHandler();
  const listener: RequestListener = createHandler();
  expect([middleware.length, listener.length]).toEqual([3, 3]);
});

test('express: the handler also works under a prefix', async () => {
  const origin = await serve('express');
  expect((await get(`${origin}/internal/debug/pprof/heap`)).status).toBe(200);
});

test('the profile can be loaded; over a second it has only the growth', async () => {
  const origin = await serve('http');
  await wait(500);
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  const load = async (query: string) => {
    const { status, body, headers } = await get(`${origin}/debug/pprof/heap${query}`);
    expect([status, headers['content-type']]).toEqual([200, 'application/octet-stream']);
    writeFileSync(join(directory, 'heap'), body);
    return Snapshot.load(join(directory, 'heap'));
  };
  try {
    const sizeOf = (snapshot: Snapshot) =>
      snapshot.statistics('lineno').find(({ traceback }) => String(traceback).endsWith(LEAK))!.size;
    const before = await load('');
    const over = await load('?seconds=1');
    const after = await load('');
    expect(before.precision).toBe('line');
    expect(sizeOf(over)).toBeGreaterThan(0);
    // The window leaves out what was live before it; half of that allows for deaths during it.
    expect(sizeOf(over)).toBeLessThan(sizeOf(after) - sizeOf(before) / 2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('reports: text for browsers, JSON for programs, rows and key as requested', async () => {
  const url = `${await serve('http')}/debug/tracemalloc`;
  await wait(300);
  const text = async (query: string, accept = '*/*') =>
    (await get(url + query, { accept })).body.toString();
  expect(await text('', 'text/html,application/xhtml+xml,*/*;q=0.8')).toMatch(/^tracemalloc: rss/);
  expect(await text('?format=text')).toMatch(/#\d: .*served\.mjs:13 \(leak\): size=/);
  for (const markdown of [await text('?format=md'), await text('', 'text/markdown, text/html')]) {
    expect(markdown).toMatch(
      /^tracemalloc, `\w+`, .*\n\n[\s\S]*\| `\S*served\.mjs:13 \(leak\)` \|\n/,
    );
  }
  expect(JSON.parse(await text('?format=json', 'text/plain')).name).toBe('tracemalloc');
  const functions = JSON.parse(await text('?key=function&top=3'));
  expect(functions.sites).toHaveLength(3);
  expect(functions.sites.map((row: { function: string }) => row.function)).toContain('leak');
  expect(functions.frames).toBe('own');
  const { age } = functions.sites.find((row: { function: string }) => row.function === 'leak');
  expect(age.oldest).toBeGreaterThanOrEqual(age.mean);
  expect(age.oldest).toBeGreaterThan(0.2);
  expect(JSON.parse(await text('?frames=all')).frames).toBe('all');
  const grown = JSON.parse(await text('?seconds=1')).sites.find(({ site }: { site: string }) =>
    site.endsWith(LEAK),
  );
  expect(grown.sizeDiff).toBeLessThan(grown.size);
});

test('requests at the same time share one snapshot', async () => {
  const url = `${await serve('http')}/debug/tracemalloc`;
  const times = await Promise.all(
    Array.from({ length: 20 }, async () => JSON.parse((await get(url)).body.toString()).time),
  );
  expect(new Set(times).size).toBeLessThan(20);
});

test.each([
  ['/debug/pprof/heap?seconds=0', /seconds must be a number from 1 to 3600, not "0"/],
  ['/debug/pprof/heap?seconds=1e3', /not "1e3"/],
  ['/debug/pprof/heap?seconds=', /not ""/],
  ['/debug/pprof/heap?seconds=1&seconds=2', /seconds is given more than once/],
  ['/debug/pprof/heap?gc=1', /unknown parameter gc; the known ones are seconds/],
  ['/debug/tracemalloc?top=0', /top must be/],
  ['/debug/tracemalloc?key=line', /key must be lineno, .*, not "line"/],
  ['/debug/tracemalloc?frames=mine', /frames must be own, app or all, not "mine"/],
  ['/debug/tracemalloc?format=xml', /format must be json, text or md, not "xml"/],
])('%s: 400 with the reason', async (path, reason) => {
  const { status, body } = await get((await serve('http')) + path);
  expect(status).toBe(400);
  expect(body.toString()).toMatch(reason);
});

test('only GET and HEAD are allowed; other paths are 404 if no other handler follows', async () => {
  const origin = await serve('fastify');
  const post = await get(`${origin}/debug/pprof/heap`, {}, 'POST');
  expect([post.status, post.headers['allow']]).toEqual([405, 'GET, HEAD']);
  const head = await get(`${origin}/debug/pprof/heap`, {}, 'HEAD');
  expect([head.status, head.body.length]).toEqual([200, 0]);
  expect((await get(`${origin}/debug/pprof/cpu`)).status).toBe(404);
});

test('not tracing: 503', async () => {
  const { status } = await get(`${await serve('untraced')}/debug/tracemalloc`);
  expect(status).toBe(503);
});

test('not tracing: go tool pprof shows the reason', withGo, async () => {
  const origin = await serve('untraced');
  await expect(goPprof('-top', `${origin}/debug/pprof/heap`)).rejects.toThrow(/not tracing/);
});

test('a request for another host name, or through a proxy, is refused', async () => {
  const origin = await serve('http');
  const url = `${origin}/debug/pprof/heap`;
  expect((await get(url, { host: 'evil.example' })).status).toBe(403);
  expect((await get(url, { 'x-forwarded-for': '127.0.0.1' })).status).toBe(403);
  expect((await get(url, { host: 'localhost:80' })).status).toBe(200);
});

test('a token is required, also from this machine', async () => {
  const origin = await serve('http', { token: 'secret' });
  const url = `${origin}/debug/pprof/heap`;
  const refused = await get(url);
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, expect.any(String)]);
  expect((await get(url, { authorization: 'Bearer secret2' })).status).toBe(401);
  expect((await get(url, { authorization: 'Bearer secret', host: 'app.example' })).status).toBe(
    200,
  );
});

test('go tool pprof sends a token as the password', withGo, async () => {
  const url = `${await serve('http', { token: 'secret' })}/debug/pprof/heap`;
  await wait(300);
  expect(await goPprof('-top', url.replace('//', '//:secret@'))).toContain('leak');
});

test('at most 16 requests wait at a time; a client that disconnects frees its place', async () => {
  const url = `${await serve('http')}/debug/pprof/heap`;
  const ask = () =>
    request(`${url}?seconds=3600`, { agent: false })
      .on('error', () => undefined)
      .end();
  const asked = Array.from({ length: 16 }, ask);
  const status = async () => (await get(`${url}?seconds=1`)).status;
  await expect.poll(status, { timeout: 20_000 }).toBe(503);
  expect((await get(`${url}?seconds=1`)).body.toString()).toContain('16 requests');
  expect((await get(url)).status).toBe(200);
  for (const one of asked) one.destroy();
  await expect.poll(status, { timeout: 20_000 }).toBe(200);
});
