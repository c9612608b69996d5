// SPDX-License-Identifier: MIT
// createPusher() with a receiver that parses what Pyroscope parses, and that can fail.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ChildOptions, programs, run } from '../support/child.js';
import { expectPlain } from '../support/hostile-names.js';
import { Receiver } from '../support/pyroscope.js';

const ask = programs<typeof import('../fixtures/pusher.mjs')>('pusher');

let receiver: Receiver;
let url: string;
beforeEach(async () => {
  receiver = new Receiver();
  url = await receiver.listen();
});
afterEach(() => receiver.close());

interface Result {
  readonly status: Record<string, number>;
  readonly errors: readonly string[];
}

/** A service that pushes every 200 ms until its status has `enough`. */
function push(
  options: object,
  enough: Record<string, number>,
  child: ChildOptions = {},
): Promise<Result> {
  return ask<Result>('pushed', { given: { options: { url, ...options }, enough }, ...child });
}

// Preloaded before tracemalloc.
const CLOCK_IS_SET = {
  args: ['--import', new URL('../fixtures/clock-is-set.mjs', import.meta.url).href],
};

// No window is longer; 2 s for rounding outwards at both ends.
const secondsSince = (begun: number) => (Date.now() - begun) / 1000 + 2;

const LEAKED = (frame: { functionName: string }) => frame.functionName === 'leak';

test('the profiles are of consecutive windows, with name, labels and headers', async () => {
  const begun = Date.now();
  const { status, errors } = await push(
    {
      url: `${url}/tenant/`,
      labels: { region: 'eu-1', pod: 'a b' },
      headers: { 'X-Scope-OrgID': 'team', authorization: 'Bearer secret' },
    },
    { pushed: 3 },
  );
  expect(errors).toEqual([]);
  expect(status).toMatchObject({ dropped: 0, failures: 0 });
  const all = receiver.ingested;
  for (const one of all) {
    expect(one).toMatchObject({
      path: 'POST /tenant/ingest',
      name: 'shop.api',
      labels: { region: 'eu-1', pod: 'a b' },
      spyName: 'nodespy',
    });
    expect(one.headers).toMatchObject({ 'x-scope-orgid': 'team', authorization: 'Bearer secret' });
    expect(one.until - one.from).toBeGreaterThanOrEqual(0);
    expect(one.until - one.from).toBeLessThanOrEqual(secondsSince(begun));
    expect(Math.abs(one.until - Date.now() / 1000)).toBeLessThan(60);
  }
  const figures = all.map(({ profile }) => {
    const traces = profile.traces.filter(({ traceback }) => LEAKED(traceback.at(-1)!));
    const sum = (figure: (trace: (typeof traces)[number]) => number) =>
      traces.reduce((total, trace) => total + figure(trace), 0);
    return { live: sum((t) => t.size), allocated: sum((t) => t.allocatedSize ?? 0) };
  });
  // Almost nothing of it is collected: the live bytes are the sum of what the windows allocated.
  // Figures since start, instead of since the last profile, would add up to about twice that.
  const total = figures.reduce((sum, { allocated }) => sum + allocated, 0);
  const { live } = figures.at(-1)!;
  expect(total).toBeGreaterThanOrEqual(live);
  expect(total).toBeLessThan(1.2 * live);
});

test('setting the clock back and forth does not change the length of a window', async () => {
  const begun = Date.now();
  const { errors } = await push({ url }, { pushed: 8 }, CLOCK_IS_SET);
  expect(errors).toEqual([]);
  const years = new Set(receiver.ingested.map(({ until }) => new Date(until * 1000).getFullYear()));
  expect(years.size).toBeGreaterThan(1);
  for (const { from, until } of receiver.ingested) {
    expect(until - from).toBeGreaterThanOrEqual(0);
    expect(until - from).toBeLessThanOrEqual(secondsSince(begun));
  }
});

test('after a 503 or 429 the same profile is sent again, later ones follow, none is lost', async () => {
  receiver.answers.push(503, 429);
  const { status, errors } = await push({ queue: 100 }, { pushed: 3 });
  expect(errors).toEqual([
    `${url}/ingest: 503 Service Unavailable: answer 503`,
    `${url}/ingest: 429 Too Many Requests: answer 429`,
  ]);
  const [first, second, third, fourth] = receiver.bodies;
  expect(second!.equals(first!)).toBe(true);
  expect(third!.equals(first!)).toBe(true);
  expect(fourth!.equals(first!)).toBe(false);
  expect(status).toMatchObject({ dropped: 0, failures: 0 });
  const windows = receiver.ingested.map(({ profile }) => profile.timestamp);
  expect(windows).toEqual([...windows].sort());
});

test('a profile that the server rejects with 400 is not sent again', async () => {
  receiver.answers.push(400);
  const { status, errors } = await push({}, { pushed: 1 });
  expect(errors).toEqual([`${url}/ingest: 400 Bad Request: answer 400`]);
  expect(status).toMatchObject({ dropped: 1 });
  expect(receiver.bodies[0]!.equals(receiver.bodies[1]!)).toBe(false);
});

test.each(['pyroscope', 'otlp'])(
  '%s: what a server says is escaped in errors',
  async (protocol) => {
    const said = 'no\u001b]0;TITLE\u0007\u202e';
    let asked = 0;
    const server = createServer((_, response) => {
      const isMoved = asked++ % 2 === 0;
      response.writeHead(isMoved ? 302 : 400, isMoved ? { location: '/\u009b31m' } : {});
      response.end(said);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const { errors } = await push({ url: `http://127.0.0.1:${port}`, protocol }, { dropped: 4 });
    server.close();
    expect(errors.length).toBeGreaterThanOrEqual(4);
    for (const error of errors) expectPlain(error);
  },
);

test('a server that is down: the queue stays bounded, the oldest profiles are dropped', async () => {
  await receiver.close();
  const { status, errors } = await push({ queue: 2 }, { dropped: 2 });
  expect(status).toMatchObject({ pushed: 0, queued: 3 });
  expect(errors[0]).toMatch(/\/ingest: connect ECONNREFUSED/);
});

test('an attempt ends after the timeout if the server never responds', async () => {
  receiver.answers.push(0);
  const { errors } = await push({ timeout: '100ms' }, { pushed: 1 });
  // On a busy machine a server that does respond may exceed the timeout, too.
  expect([...new Set(errors)]).toEqual([`${url}/ingest: no response within 100 ms`]);
});

test('a pusher does not keep a process alive, not even during a push', async () => {
  receiver.answers.push(...Array(100).fill(0));
  const ended = ask<string>('inTheMiddle', { given: { url } });
  await receiver.until(() => receiver.bodies.length === 1);
  expect(await ended).toBe('ended');
});

test('without onError, the first of consecutive failures prints one line on stderr', async () => {
  await receiver.close();
  const program = new URL('../fixtures/unheard-failures.mjs', import.meta.url);
  const { code, stderr } = await run(program, { argv: [url] });
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^tracemalloc: profile not sent: .*\/ingest: connect ECONNREFUSED [\d.:]+\n$/,
  );
});

test('wrong options, and a pusher without tracing, throw', async () => {
  const codes = await ask<string[]>('wrongOptions');
  expect(codes).toEqual(['ERR_NOT_TRACING', ...Array(12).fill('ERR_INVALID_OPTION')]);
});

test.each([301, 302, 307, 308])(
  'a redirect (%d) is reported, and is not followed',
  async (status) => {
    const other = new Receiver();
    const elsewhere = await other.listen();
    const moved = createServer((_, response) => {
      response.writeHead(status, { location: `${elsewhere}/ingest` }).end();
    });
    await new Promise<void>((resolve) => moved.listen(0, '127.0.0.1', resolve));
    try {
      const { status, errors } = await push(
        {
          url: `http://127.0.0.1:${(moved.address() as AddressInfo).port}`,
          headers: { authorization: 'Bearer secret' },
        },
        { dropped: 2 },
      );
      expect(status).toMatchObject({ pushed: 0 });
      expect(errors[0]).toContain(`another address, which is not followed: ${elsewhere}/ingest`);
      expect(other.bodies).toEqual([]);
    } finally {
      moved.close();
      await other.close();
    }
  },
);
