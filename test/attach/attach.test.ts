// SPDX-License-Identifier: MIT
// `tracemalloc attach` with services that were not prepared for it.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Snapshot } from '../../dist/index.js';
import {
  attach,
  attaching,
  expectNothingLeft,
  type Plain,
  plainService,
  SERVICE,
  socketOf,
} from '../support/attach.js';
import { cli } from '../support/cli.js';
import { lineOf } from '../support/line-of.js';

const LEAK = `service.mjs:${lineOf(SERVICE, 'leak')}`;

let service: Plain;
let before: string;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'attach-test-'));
  service = await plainService();
  // Twice, since the first connection makes what each service has.
  await service.get('/state');
  before = await service.get('/state');
});
afterEach(async () => {
  await service.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Sends requests until it is stopped; each answer must be the service's own. */
function load({ get }: Plain) {
  let [isOver, answers] = [false, 0];
  const run = async () => {
    while (!isOver) {
      const path = `/${answers}`;
      expect(await get(path)).toBe(`hello ${path}`);
      answers++;
    }
    return answers;
  };
  const running = run();
  return async () => {
    isOver = true;
    return running;
  };
}

test('--for names the line that leaks, writes a dump, and leaves the process as it was', async () => {
  const stop = load(service);
  const file = join(directory, 'heap.pb.gz');
  const { code, stdout, stderr } = await attach(service.pid, '--for', '2s', '-o', file);
  expect(await stop()).toBeGreaterThan(10);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toMatch(/opens its inspector now; its stderr shows "Debugger listening"/);
  const [, , , , first] = stdout.split('\n');
  expect(first).toContain(LEAK);
  const [top] = (await Snapshot.load(file)).statistics('lineno', { frames: 'own' });
  expect(String(top)).toContain(LEAK);
  await expectNothingLeft(service, before);
});

test('--report prints reports until Ctrl+C, which detaches', async () => {
  const stop = load(service);
  const { child, prints, ended, output } = attaching(service.pid, '--report', '--every', '500ms');
  await prints(/"sites"[\s\S]*\n[\s\S]*"sites"/);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await stop();
  const lines = output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const sites: { site: string }[] = JSON.parse(lines.at(-1)!).sites;
  expect(sites.map(({ site }) => site)).toContainEqual(expect.stringContaining(LEAK));
  expect(output()).toMatch(/detached from process/);
  await expectNothingLeft(service, before);
});

test('--report --format md prints reports as Markdown', async () => {
  const stop = load(service);
  const { child, prints, ended } = attaching(
    service.pid,
    ...['--report', '--format', 'md', '--every', '500ms'],
  );
  await prints(new RegExp(`\\n\\| size \\|[\\s\\S]*\\| \`[^\`]*${LEAK}[^\`]*\` \\|\\n`));
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await stop();
  await expectNothingLeft(service, before);
});

describe('--page', () => {
  test('serves the live page to browsers on this machine only, with the stream of the process', async () => {
    const stop = load(service);
    const { child, prints, ended, output } = attaching(service.pid, '--page');
    await prints(/http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/debug\/tracemalloc\/\n/);
    const [address = ''] = /http:\S+/.exec(output()) ?? [];
    const page = await fetch(address);
    const text = await page.text();
    expect({ status: page.status, text }).toMatchObject({ status: 200 });
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(text).toContain('<!doctype html>');
    const events = await fetch(`${address}events`);
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    let received = '';
    while (!received.includes('data: ')) received += (await reader.read()).value;
    await reader.cancel();
    // Other users of the machine can connect, too, but do not know the address.
    const unknown = new URL(address).pathname.replace(/^\/[0-9a-f]+/, '');
    for (const path of ['/', unknown, unknown.replace('/', `/${'0'.repeat(32)}/`)]) {
      expect((await fetch(new URL(path, address))).status).toBe(404);
    }
    const cross = await fetch(address, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(cross.status).toBe(403);
    const forwarded = await fetch(address, { headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect(forwarded.status).toBe(403);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    await stop();
    await expectNothingLeft(service, before);
  });
});

test('detach ends it from elsewhere; a second attach is refused before', async () => {
  const { prints, ended, output } = attaching(service.pid, '--page');
  await prints(/Ctrl\+C/);
  expect((await cli(['ps'])).stdout).toMatch(
    new RegExp(`^ *${service.pid} .* attached .*service\\.mjs`, 'm'),
  );
  const second = await attach(service.pid, '--for', '1s');
  expect(second).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already has an attachment'),
  });
  expect(await cli(['detach', String(service.pid)])).toMatchObject({ code: 0 });
  // All of it is gone, so that the next one can begin.
  expect(await attach(service.pid, '--for', '100ms')).toMatchObject({ code: 0 });
  expect(await ended).toBe(0);
  expect(output()).toContain('has ended, or was detached');
  await expectNothingLeft(service, before);
  const again = await cli(['detach', String(service.pid)]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is not attached to') });
});

test('when the command is killed, the process detaches by itself', async () => {
  const { child, prints } = attaching(service.pid, '--page');
  await prints(/Ctrl\+C/);
  child.kill('SIGKILL');
  await expectNothingLeft(service, before);
});

test('when the command is stopped, its lease ends', async () => {
  const { child, prints } = attaching(service.pid, '--page');
  await prints(/Ctrl\+C/);
  child.kill('SIGSTOP');
  await expectNothingLeft(service, before);
  child.kill('SIGKILL');
});

test('the socket is in a directory that only its user can open, and gone when the process is killed', async () => {
  const { prints, ended } = attaching(service.pid, '--page');
  await prints(/Ctrl\+C/);
  const socket = socketOf(service.pid)!;
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  await service.stop();
  expect(await ended).toBe(0);
  expect(existsSync(dirname(socket))).toBe(false);
});

test('the process ends as it would have, while it is attached', async () => {
  const { prints, ended } = attaching(service.pid, '--report');
  await prints(/attached to process/);
  await service.get('/exit?code=7').catch(() => undefined);
  expect(await ended).toBe(0);
  await expect.poll(() => service.child.exitCode).toBe(7);
});
