// SPDX-License-Identifier: MIT
// Workers of the process are traced with it, also those that begin later; so are a cluster's.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Snapshot } from '../../dist/index.js';
import { attach, attaching, fixture } from '../support/attach.js';
import { lineOf } from '../support/line-of.js';
import { type Service, startService } from '../support/service.js';

const directory = mkdtempSync(join(tmpdir(), 'attach-test-'));
let service: Service;
afterEach(async () => {
  await service.stop();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const get = async (path: string) => {
  const [response] = await once(
    request(`${service.origin}${path}`, { agent: false }).end(),
    'response',
  );
  return text(response as IncomingMessage);
};

test('worker threads: those that run, and those that begin while it is attached', async () => {
  service = await startService(fixture('pool.mjs'), { nodeArgs: ['--inspect-port=0'] });
  const file = join(directory, 'heap.pb.gz');
  const attached = attaching(
    service.child.pid!,
    '--for',
    '5s',
    '-o',
    file,
    '--sample-interval',
    '64KiB',
  );
  await attached.prints(/attached to process \d+, .* 2 of its workers, too/);
  expect(await get('/more')).toMatch(/^3/);
  expect(await attached.ended).toBe(0);
  const place = `pool.mjs:${lineOf(fixture('pool.mjs'), 'leak')}`;
  const [top] = (await Snapshot.load(file)).statistics('lineno', { frames: 'own' });
  expect(String(top)).toContain(place);
  // All of them end as they would have.
  expect(await get('/fewer')).toBe('0 1 1 1');
});

test('threads that begin and end at any moment of attaching and detaching', async () => {
  service = await startService(fixture('pool.mjs'), { nodeArgs: ['--inspect-port=0'] });
  for (let i = 0; i < 5; i++) {
    const attached = attach(service.child.pid, '--for', '500ms');
    while (!(await Promise.race([attached, get('/more').then(() => undefined)])))
      await get('/fewer');
    expect(await attached).toMatchObject({ code: 0 });
  }
  expect(service.child.exitCode).toBe(null);
  expect(await get('/more')).toMatch(/^[12] $/);
});

test('the workers of a cluster are attached to one by one', async () => {
  service = await startService(fixture('cluster.mjs'), { nodeArgs: ['--inspect-port=9470'] });
  const pids = service.origin.replace('http://127.0.0.1:', '').split(' ').slice(0, 2);
  const place = `cluster.mjs:${lineOf(fixture('cluster.mjs'), 'leak')}`;
  const outcomes = await Promise.all(pids.map((pid) => attach(Number(pid), '--for', '2s')));
  for (const { code, stdout } of outcomes) {
    expect(code).toBe(0);
    expect(stdout).toContain(place);
  }
});
