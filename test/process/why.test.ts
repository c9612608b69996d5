// SPDX-License-Identifier: MIT
// What keeps the objects of a line alive, asked for by HTTP and by `tracemalloc why`.
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { parseProfile } from '../../src/pprof/file.js';
import {
  attaching,
  expectNothingLeft,
  type Plain,
  plainService,
  runningCommand,
  SERVICE,
  socketOf,
} from '../support/attach.js';
import { cli } from '../support/cli.js';
import { lineOf } from '../support/line-of.js';
import { type Service, startService } from '../support/service.js';

const LIVE = new URL('../fixtures/live-service.mjs', import.meta.url);
const FOLDER = dirname(fileURLToPath(LIVE));
const PATH = '/debug/tracemalloc/retainers';
const KEEP = 'kept.push(new Array(500).fill(1));';
const lines = readFileSync(LIVE, 'utf8').split('\n');
const SITE = `live-service.mjs:${lines.findIndex((line) => line.trim() === KEEP) + 1}`;

const services: Service[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

/** A service that keeps arrays, which have survived collections. */
async function serve(options: object = {}): Promise<string> {
  const args = ['0', JSON.stringify(options)];
  const service = await startService(LIVE, { args, nodeArgs: ['--expose-gc'] });
  services.push(service);
  const get = async (path: string) => (await fetch(service.origin + path)).text();
  await get('/keep?n=500');
  for (let i = 0; i < 2; i++) await get('/memory');
  return service.origin;
}

async function ask(origin: string, query = '', init: RequestInit = {}) {
  const response = await fetch(`${origin}${PATH}?${query}`, init);
  const body = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), body };
}

const containing = (text: string) => expect.stringContaining(text);
const HELD = ['variable `kept` of module ', 'Array[*]', 'Array'];

describe('the endpoint', () => {
  test('tells what holds the objects of a line, as JSON and as text', async () => {
    const origin = await serve();
    const { status, type, body } = await ask(origin, `site=${SITE}&samples=10`);
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    const answer = JSON.parse(body);
    expect(answer).toMatchObject({ name: 'tracemalloc retainers', version: 1, threadId: 0 });
    const [{ site, size, liveSamples, paths, ...found }] = answer.sites;
    expect(found).toMatchObject({ samples: 10, changed: 0, end: 'complete' });
    expect(site).toBe(`${FOLDER}/${SITE}`);
    expect(size).toBeGreaterThan(0.8 * 500 * 4000);
    expect(liveSamples).toBeGreaterThan(400);
    expect(paths[0].steps).toEqual(HELD.map(containing));
    expect(paths[0].count).toBe(10 - found.unheld);
    const text = await ask(origin, `site=${SITE}&samples=10&format=text`);
    expect(text).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8' });
    const lines = text.body.split('\n');
    expect(lines[0]).toMatch(/live-service\.mjs:\d+ {3}\d+ KiB \(10 of \d+ samples\)$/);
    expect(lines[1]).toMatch(
      /^ {2}variable `kept` of module .*live-service\.mjs {2}\(\d+ of 10\)$/,
    );
    expect(lines.slice(2, 4)).toEqual(['    → Array[*]', '      → Array']);
  });

  test('what was found is in later dumps of the process', async () => {
    const origin = await serve();
    await ask(origin, `site=${SITE}&samples=5`);
    const dump = await (await fetch(`${origin}/debug/pprof/heap`)).arrayBuffer();
    const { facts } = await parseProfile(new Uint8Array(dump), 'dump');
    expect(facts.process.retainers).toMatchObject([
      { site: `${FOLDER}/${SITE}`, samples: 5, paths: [{ steps: HELD.map(containing) }] },
    ]);
  });

  test('without a line looks at the one that holds most; several lines are one search', async () => {
    const origin = await serve();
    const { sites } = JSON.parse((await ask(origin, 'samples=5')).body);
    expect(sites).toHaveLength(1);
    expect(sites[0]).toMatchObject({ site: `${FOLDER}/${SITE}`, samples: 5 });
    const both = JSON.parse((await ask(origin, `site=${SITE}&site=nowhere.js:1&samples=5`)).body);
    expect(both.sites).toMatchObject([{ site: `${FOLDER}/${SITE}`, samples: 5 }]);
  });

  test('refuses what it does not understand, and says when there is nothing', async () => {
    const origin = await serve();
    for (const [query, status, reason] of [
      [
        'depth=3',
        400,
        'unknown parameter depth; the known ones are site, samples, timeout, format',
      ],
      ['site=live-service.mjs', 400, 'site must be a line such as file.js:6'],
      ['samples=0', 400, 'samples must be'],
      ['timeout=soon', 400, 'timeout must be'],
      ['samples=1&samples=2', 400, 'samples is given more than once'],
      ['site=nowhere.js:1', 404, 'no live object of nowhere.js:1 was sampled in the main thread'],
    ] as const) {
      const answer = await ask(origin, query);
      expect(answer).toMatchObject({ status, body: expect.stringContaining(reason) });
    }
  });

  test('is refused like the other endpoints, and to pages of other sites', async () => {
    const origin = await serve({ token: 'secret' });
    expect(await ask(origin)).toMatchObject({ status: 401 });
    const authorization = 'Bearer secret';
    const foreign = { authorization, 'sec-fetch-site': 'cross-site' };
    expect(await ask(origin, '', { headers: foreign })).toMatchObject({ status: 403 });
    const headers = { authorization };
    expect(await ask(origin, '', { headers, method: 'POST' })).toMatchObject({ status: 405 });
    expect(await ask(origin, '', { headers, method: 'HEAD' })).toMatchObject({ status: 200 });
    expect(await ask(origin, 'samples=2', { headers })).toMatchObject({ status: 200 });
    await (await fetch(`${origin}/stop`)).text();
    expect(await ask(origin, '', { headers })).toMatchObject({ status: 503 });
  });

  test('searches for one client at a time; one that leaves does no harm', async () => {
    const origin = await serve();
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(origin, 'samples=200')));
    expect(answers.map(({ status }) => status)).toContain(200);
    for (const { status, body } of answers) {
      if (status === 200) continue;
      expect({ status, body }).toEqual({
        status: 503,
        body: 'tracemalloc: another search for retainers is running: await it\n',
      });
    }
    const leaving = request(`${origin}${PATH}?samples=1000`);
    leaving.on('error', () => undefined);
    await new Promise((sent) => leaving.end(() => sent(undefined)));
    leaving.destroy();
    await expect
      .poll(async () => (await ask(origin, 'samples=5')).status, { timeout: 30_000 })
      .toBe(200);
  });
});

describe('tracemalloc why', () => {
  test('PORT shows the tree, with paths relative to the working directory', async () => {
    const port = new URL(await serve()).port;
    const { code, stdout, stderr } = await cli(['why', port, SITE, '-n', '8'], { cwd: FOLDER });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^live-service\.mjs:\d+ {3}\d+ KiB \(8 of \d+ samples\)$/);
    expect(lines[1]).toMatch(/^ {2}variable `kept` of module live-service\.mjs {2}\(\d of 8\)$/);
    const json = await cli(['why', `http://127.0.0.1:${port}`, '--json', '--samples', '3']);
    expect(JSON.parse(json.stdout)).toMatchObject({ sites: [{ samples: 3 }] });
    const unknown = await cli(['why', port, 'nowhere.js:7']);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(
      /^tracemalloc: .*no live object of nowhere\.js:7 was sampled.*\n$/,
    );
  });

  test('says what is wrong with its arguments, and with what answers', async () => {
    for (const args of [['x.js:1'], ['nothing'], ['3000', 'file.js'], ['3000', 'a:1', 'b:2']]) {
      expect(await cli(['why', ...args])).toMatchObject({ code: 2, stdout: '' });
    }
    const plain = await plainService();
    services.push(plain);
    const other = await cli(['why', new URL(plain.origin).port]);
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(/does not say what holds objects: there is no createHandler\(\)/);
  });
});

test('what a hostile service says is escaped, or refused', async () => {
  const found = { size: 1, liveSamples: 1, samples: 1, unheld: 0, changed: 0, end: 'complete' };
  const times = { duration: 1, blocked: 1 };
  const paths = [{ count: 1, steps: ['\u001b[2J variable\n`x`', 'Session'] }];
  const site = { site: '\u202ea.js:1', ...found, ...times, paths };
  const header = { name: 'tracemalloc retainers', version: 1, pid: 1, threadId: 0, time: '' };
  let answer: unknown = { ...header, sites: [site] };
  const server = createServer((_, response) => response.end(JSON.stringify(answer)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await cli(['why', url])).toEqual({
      ...{ code: 0, signal: null, stderr: '' },
      stdout:
        '\\u202ea.js:1   1 B (1 of 1 samples)\n  \\u001b[2J variable\\n`x`  (1 of 1)\n    → Session\n',
    });
    for (const wrong of [
      { ...header, sites: [{ ...site, paths: [{ count: 1, steps: 'none' }] }] },
      { ...header, sites: [{ ...site, samples: '1' }] },
      { ...header, sites: 'none' },
      [],
    ]) {
      answer = wrong;
      expect(await cli(['why', url])).toMatchObject({ code: 1, stdout: '' });
    }
  } finally {
    server.close();
  }
});

describe('tracemalloc why PID', () => {
  async function leaking(): Promise<Plain & { readonly state: string }> {
    const service = await plainService();
    services.push(service);
    // Until what it has for its start only, such as a thread, is gone.
    let state = '';
    for (let same = 0; same < 20; ) {
      const now = await service.get('/state');
      same = now === state ? same + 1 : 0;
      state = now;
    }
    return { ...service, state };
  }

  const LEAK = `service.mjs:${lineOf(SERVICE, 'leak')}`;

  test('attaches for the search, and leaves the process as it was', async () => {
    const service = await leaking();
    const why = runningCommand('why', `pid:${service.pid}`, LEAK, '--for', '3s');
    await why.prints(/objects are sampled for 3 s first \(--for\)/);
    for (let i = 0; i < 50; i++) await service.get('/leak');
    expect(await why.ended).toBe(0);
    expect(why.output()).toContain(LEAK);
    expect(why.output()).toMatch(/variable `kept` of module \S*service\.mjs/);
    await expectNothingLeft(service, service.state);
  });

  test('asks the attachment of another command, which goes on; says what to do', async () => {
    const service = await leaking();
    const page = attaching(service.pid, '--page');
    await page.prints(/Ctrl\+C/);
    for (let i = 0; i < 50; i++) await service.get('/leak');
    const { code, stdout } = await cli(['why', `pid:${service.pid}`, LEAK]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/variable `kept` of module/);
    const none = await cli(['why', `pid:${service.pid}`, 'nowhere.js:7']);
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toMatch(/process \d+ answers 404: .*no live object of nowhere\.js:7/);
    expect(socketOf(service.pid)).toBeDefined();
    page.child.kill('SIGINT');
    expect(await page.ended).toBe(0);
    await expectNothingLeft(service, service.state);
  });
});
