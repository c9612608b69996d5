// SPDX-License-Identifier: MIT
// The live page's stream over plain HTTP: which clients may connect, how many, the cost of a
// client, and that no client disturbs the service.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LIVE_TRACE, type LiveMessage } from '../../src/html/live-data.js';
import { EventStream } from '../support/event-stream.js';
import { type Service, startService } from '../support/service.js';

const LIVE = new URL('../fixtures/live-service.mjs', import.meta.url);
const SERVED = new URL('../fixtures/served.mjs', import.meta.url);
const PATH = '/debug/tracemalloc/';

let service: Service;
afterEach(() => service?.stop());

async function serve(options: object = {}, nodeArgs = ['--expose-gc']): Promise<void> {
  service = await startService(LIVE, { args: ['0', JSON.stringify(options)], nodeArgs });
}

type Headers = Record<string, string>;

function ask(path: string, headers: Headers = {}, method = 'GET'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(service.origin + path, { method, headers, agent: false }, resolve);
    asked.on('error', reject).end();
  });
}

async function get(path: string, headers: Headers = {}, method = 'GET') {
  const response = await ask(path, headers, method);
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, body };
}

async function listen(headers: Headers = {}): Promise<EventStream<LiveMessage>> {
  const response = await ask(`${PATH}events`, headers);
  expect(response.statusCode).toBe(200);
  return new EventStream(response);
}

const refresh = () => get(`${PATH}snapshot`, {}, 'POST');

/** For each row: node, domain, labels, type, size, ... */
function rowsOf({ traces }: LiveMessage): number[][] {
  const row = (_: unknown, i: number) => traces.slice(LIVE_TRACE * i, LIVE_TRACE * (i + 1));
  return Array.from({ length: traces.length / LIVE_TRACE }, row);
}

const keyOf = ([node, domain]: readonly number[]) => `${node} ${domain}`;

test('the first message has everything, later ones the changes; each has a reading of the memory', async () => {
  await serve();
  await get('/churn');
  const stream = await listen();
  const whole = await stream.next();
  expect(whole).toMatchObject({ version: 1, isWhole: true, canCollect: true });
  expect(whole.now.pid).toBe(service.child.pid);
  expect(whole.traces.length / LIVE_TRACE).toBeGreaterThan(2000);
  expect(whole.strings).toContain('/app/churn.js');
  await get('/keep?n=1000');
  await refresh();
  const change = await stream.next();
  expect(change.isWhole).toBe(false);
  expect(change.history).toHaveLength(5);
  const rows = rowsOf(change);
  const before = new Map(rowsOf(whole).map((row) => [keyOf(row), String(row)]));
  expect(rows.filter((row) => before.get(keyOf(row)) === String(row))).toEqual([]);
  // 1,000 arrays of 500 elements of 4 or 8 bytes, from one line that the first message lacks.
  const [largest] = rows.sort((a, b) => b[4]! - a[4]!);
  expect(largest![4]).toBeGreaterThan(1_800_000);
  expect(before.has(keyOf(largest!))).toBe(false);
  stream.close();
});

test('the document may load only its own script and style, and may not be framed', async () => {
  await serve();
  const { status, headers, body } = await get(PATH);
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; /);
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test.each(['events', 'snapshot', 'gc'])('%s: requests of other sites are refused', async (name) => {
  await serve();
  const method = name === 'events' ? 'GET' : 'POST';
  const status = async (headers: Headers) => {
    const response = await ask(PATH + name, headers, method);
    response.on('error', () => undefined).destroy();
    return response.statusCode;
  };
  expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await status({ 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await status({ 'sec-fetch-site': 'none' })).toBe(403);
  expect(await status({ origin: 'http://evil.example' })).toBe(403);
  expect(await status({ origin: 'null' })).toBe(403);
  expect(await status({ origin: service.origin })).toBe(200);
  expect(await status({ 'sec-fetch-site': 'same-origin' })).toBe(200);
  expect(await status({})).toBe(200);
});

test('buttons are POST, all else is GET or HEAD; without --expose-gc there is no collection', async () => {
  await serve({}, []);
  expect(await get(`${PATH}gc`)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
  expect(await get(PATH, {}, 'POST')).toMatchObject({ status: 405 });
  expect(await get(`${PATH}events`, {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await get(`${PATH}gc`, {}, 'POST')).toMatchObject({
    status: 404,
    body: expect.stringContaining('--expose-gc'),
  });
  const stream = await listen();
  expect((await stream.next()).canCollect).toBe(false);
  stream.close();
});

test('the token also works as the password that a browser asks for', async () => {
  await serve({ token: 'secret' });
  for (const name of ['', 'events']) {
    const refused = await get(PATH + name);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('Basic realm="tracemalloc"');
  }
  expect((await get(`${PATH}?token=secret`)).status).toBe(401);
  const basic = { authorization: `Basic ${Buffer.from(':secret').toString('base64')}` };
  expect((await get(PATH, basic)).status).toBe(200);
  const stream = await listen(basic);
  expect((await stream.next()).isWhole).toBe(true);
  expect((await get(`${PATH}snapshot`, basic, 'POST')).status).toBe(200);
  stream.close();
});

test('sources: false leaves the source text of lines out of the messages', async () => {
  const SOURCE = 'kept.push(new Array(500).fill(1));';
  for (const sources of [true, false]) {
    await serve({ sources });
    await get('/keep?n=1000');
    const stream = await listen();
    expect((await stream.next()).strings.includes(SOURCE)).toBe(sources);
    stream.close();
    await service.stop();
  }
});

test('at most eight clients at a time; one that disconnects frees its place', async () => {
  await serve();
  const open = await Promise.all(Array.from({ length: 8 }, () => listen()));
  expect(await get(`${PATH}events`)).toMatchObject({
    status: 503,
    body: expect.stringContaining('open already'),
  });
  open.pop()!.close();
  const status = async () => {
    const response = await ask(`${PATH}events`);
    response.on('error', () => undefined).destroy();
    return response.statusCode;
  };
  await expect.poll(status, { timeout: 20_000 }).toBe(200);
});

test('a client that does not read: at most one message waits, and finally it is disconnected', {
  timeout: 150_000,
}, async () => {
  await serve();
  await get('/churn');
  const first = await listen();
  const whole = await first.next();
  first.close();
  const message = JSON.stringify(whole).length;
  const { port } = new URL(service.origin);
  const slow = connect(Number(port), '127.0.0.1');
  slow.on('error', () => undefined);
  slow.write(`GET ${PATH}events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const waiting: number[] = [];
  const isStuck = () => waiting.some((bytes) => bytes > 0);
  for (let i = 0; i < 400 && !(isStuck() && waiting.at(-1) === 0); i++) {
    await get('/churn');
    await refresh();
    waiting.push(Number((await get('/waiting')).body));
  }
  expect(isStuck()).toBe(true);
  expect(waiting.at(-1)).toBe(0);
  expect(Math.max(...waiting)).toBeLessThan(2 * message + 65_536);
  slow.destroy();
  const later = await listen();
  expect((await later.next()).isWhole).toBe(true);
  later.close();
});

test('clients that connect and disconnect leak no memory', { timeout: 120_000 }, async () => {
  await serve();
  await get('/churn');
  const visit = async () => {
    const stream = await listen();
    expect((await stream.next()).isWhole).toBe(true);
    stream.close();
  };
  const memory = async () => Number((await get('/memory')).body);
  for (let i = 0; i < 20; i++) await visit();
  const before = await memory();
  for (let i = 0; i < 30; i++) await visit();
  // A message alone is nearly 200 KB, its tables are a megabyte: leaked, they would be 30 times
  // that. What remains are stacks that tracing sees for the first time.
  expect((await memory()) - before).toBeLessThan(2_000_000);
});

test.each([
  { what: 'the process', query: '', code: 0 },
  { what: 'the server', query: '?stay=7', code: 7 },
])('an open page does not keep $what alive', async ({ query, code }) => {
  await serve();
  const stream = await listen();
  await stream.next();
  await get(`/close${query}`);
  expect((await once(service.child, 'exit'))[0]).toBe(code);
  stream.close();
});

test('stop() ends the stream, then requests get the reason; after start() all is sent anew', async () => {
  await serve();
  const response = await ask(`${PATH}events`);
  const ended = once(response.resume(), 'end');
  await get('/stop');
  await ended;
  expect(await get(`${PATH}events`)).toMatchObject({
    status: 503,
    body: expect.stringContaining('not tracing'),
  });
  await get('/start');
  const stream = await listen();
  expect((await stream.next()).isWhole).toBe(true);
  stream.close();
});

test.each(['http', 'express', 'fastify', 'koa'])('%s: stream and buttons', async (framework) => {
  service = await startService(SERVED, { args: [framework] });
  const stream = await listen();
  const { now } = await stream.next();
  const { status, body } = await refresh();
  expect(status).toBe(200);
  const { timestamp } = JSON.parse(body) as { timestamp: number };
  expect(timestamp).toBeGreaterThanOrEqual(now.timestamp);
  let last = now.timestamp;
  while (last < timestamp) last = (await stream.next()).now.timestamp;
  stream.close();
});

test('without an open page no snapshot is taken', async () => {
  await serve();
  const readings = async () => {
    const stream = await listen();
    const { history } = await stream.next();
    stream.close();
    return history.filter((_, i) => i % 5 === 0);
  };
  await readings();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  // Those of the stream before and of this one.
  expect((await readings()).length).toBeLessThanOrEqual(3);
});
