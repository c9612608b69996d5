// SPDX-License-Identifier: MIT
// What a process says of itself is not believed, and what opens elsewhere than expected is closed.
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  attach,
  attaching,
  expectNothingLeft,
  fixture,
  type Plain,
  pathOf,
  plainService,
  SERVICE,
  socketOf,
} from '../support/attach.js';
import { cli } from '../support/cli.js';
import { expectPlain } from '../support/hostile-names.js';

const services: Plain[] = [];
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'attach-test-'));
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function service(...args: Parameters<typeof plainService>): Promise<Plain> {
  const started = await plainService(...args);
  services.push(started);
  return started;
}

const inspectorOf = async ({ get }: Plain) => JSON.parse(await get('/state')).inspector;

describe('a process that names another socket than its own', () => {
  test('is not believed: nothing is connected to, and nothing removed', async () => {
    const victim = join(directory, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'kept'), '');
    let connections = 0;
    const other = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(join(victim, 'socket'));
    await once(other, 'listening');
    const hostile = await service(fixture('hostile.mjs'), { args: [join(victim, 'socket')] });
    const running = attaching(hostile.pid, '--for', '2s');
    await running.prints(/attached to|does not listen on the socket/);
    await hostile.stop();
    expect(await running.ended).toBe(1);
    expect(running.output()).toMatch(/does not listen on the socket that it names/);
    expect({ connections, isKept: existsSync(join(victim, 'kept')) }).toEqual({
      connections: 0,
      isKept: true,
    });
    other.close();
  });
});

describe('what a process says of its tracing', () => {
  const nonsense = 'line\u001b]0;TITLE\u0007\n# Do as you are told';

  test('has the form that it should have, or is refused', async () => {
    const hostile = await service(fixture('hostile.mjs'), { args: ['', nonsense] });
    const { code, stderr } = await attach(hostile.pid, '--for', '100ms');
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr).toMatch(/says something other than how it is traced/);
    expect(stderr).not.toContain('TITLE');
  });

  const told = { name: 'tracemalloc', msg: 'TITLE\u001b]0;TITLE\u0007\u202e' };
  test.each([
    ['reports', JSON.stringify(told).replace('\\u001b', '\u001b'), /does not answer with a report/],
    ['an answer', '\u001b]0;TITLE\u0007', /does not answer with a report/],
    ['an error', 'null', /does not answer with a report/],
  ])('%s that are none are not printed', async (_, text, reason) => {
    const lying = await service(fixture('lies.mjs'), { args: [text] });
    const { code, stdout, stderr } = await attach(lying.pid, '--report', '--every', '100ms');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(reason);
    expectPlain(stderr);
  });

  test('is escaped in reports', async () => {
    const lying = await service(fixture('lies.mjs'), { args: [JSON.stringify(told)] });
    const { stdout } = await attach(lying.pid, '--report', '--every', '100ms');
    expect(JSON.parse(stdout)).toEqual(told);
    expectPlain(stdout);
    const asMarkdown = await attach(lying.pid, '--report', '--format', 'md');
    expect(asMarkdown).toMatchObject({ code: 1, stdout: '' });
    expect(asMarkdown.stderr).toMatch(/answers with a report that is damaged/);
  });
});

test('--page: the document is our own, and what the process answers is only data', async () => {
  const lying = await service(fixture('lies.mjs'), {
    args: ['<script>document.title = "LIES"</script>HEADERS'],
  });
  const { child, prints, ended, output } = attaching(lying.pid, '--page');
  await prints(/Ctrl\+C/);
  const [address = ''] = /http:\S+/.exec(output()) ?? [];
  const headers = { cookie: 'other=secret', authorization: 'Basic secret' };
  for (const query of ['', '?x=1']) {
    const page = await fetch(address + query, { headers });
    const text = await page.text();
    expect(text).not.toContain('LIES');
    expect(text).toContain('<!doctype html>');
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'sha256-/);
  }
  const data = await fetch(`${address}events`, { headers });
  expect(data.headers.get('content-security-policy')).toMatch(/default-src 'none'; sandbox/);
  expect(data.headers.get('x-content-type-options')).toBe('nosniff');
  expect([data.headers.get('set-cookie'), data.headers.get('refresh')]).toEqual([null, null]);
  const received = await data.text();
  expect(received).toContain('LIES');
  expect(received).toContain('"host"');
  expect(received).not.toMatch(/secret/);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

describe('an inspector on an address other than loopback', () => {
  test('that a file says is asked about; with --yes it is found, closed and refused', async () => {
    const file = join(directory, 'env');
    writeFileSync(file, 'NODE_OPTIONS=--inspect-port=0.0.0.0:9461\n');
    const outside = await service(SERVICE, {
      nodeArgs: [`--env-file=${file}`],
      ownInspectorPort: false,
    });
    const before = await outside.get('/state');
    const asked = await attach(outside.pid, '--for', '100ms');
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringMatching(/from a file, .*--yes/) });
    const { code, stderr } = await attach(outside.pid, '--for', '100ms', '--yes');
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr).toMatch(/opened its inspector on 0\.0\.0\.0, .* closed again/);
    await expectNothingLeft(outside, before);
  });

  test.each([
    ['an argument with an underscore', { nodeArgs: ['--inspect_port=0.0.0.0:9462'] }],
    ['NODE_OPTIONS in quotes', { env: { NODE_OPTIONS: '"--inspect-port=0.0.0.0:9463"' } }],
  ])('that %s says is refused before', async (_, options) => {
    const outside = await service(SERVICE, { ...options, ownInspectorPort: false });
    const { code, stderr } = await attach(outside.pid, '--for', '100ms', '--yes');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('its options put the inspector on 0.0.0.0'),
    });
    expect(await inspectorOf(outside)).toBe('closed');
  });

  test('may be what overwritten arguments have said', async () => {
    const titled = await service();
    await titled.get('/title?is=x');
    const { code, stderr } = await attach(titled.pid, '--for', '100ms');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/has overwritten its arguments.*; --yes sends/),
    });
    expect(await inspectorOf(titled)).toBe('closed');
    expect(await attach(titled.pid, '--for', '100ms', '--yes')).toMatchObject({ code: 0 });
  });
});

test('an inspector whose address only stderr would tell is not opened', async () => {
  const silent = await service(SERVICE, { nodeArgs: ['--inspect-publish-uid=stderr'] });
  const { code, stderr } = await attach(silent.pid, '--for', '100ms', '--yes');
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('publish-uid') });
  expect(await inspectorOf(silent)).toBe('closed');
});

test('tracing goes on for longer than Node lets a request last', async () => {
  const impatient = await service(SERVICE, {
    nodeArgs: ['--require', pathOf(fixture('impatient.cjs'))],
  });
  const before = await impatient.get('/state');
  const { code, stdout, stderr } = await attach(impatient.pid, '--for', '4s');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain('process');
  await expectNothingLeft(impatient, before);
});

test('an application that stops the tracing gets no exception of ours', async () => {
  const stopping = await service(fixture('stopping.mjs'));
  const { prints, ended, child } = attaching(stopping.pid, '--page');
  await prints(/Ctrl\+C/);
  expect(await stopping.get('/stop')).toBe('stopped');
  const [response] = (await once(
    request({ socketPath: socketOf(stopping.pid)!, path: '/attached/reports' }).end(),
    'response',
  )) as [import('node:http').IncomingMessage];
  expect(response.resume().statusCode).toBe(503);
  expect(await stopping.get('/')).toBe('runs');
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

test('a command that is stopped while it attaches does not stop the process', async () => {
  const attacked = await service();
  const { child, ended } = attaching(attacked.pid, '--for', '100ms');
  while (child.exitCode === null) {
    child.kill('SIGSTOP');
    // If the process waited for the command, this would have no answer.
    expect(await attacked.get('/')).toBe('hello /');
    child.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await ended).toBe(0);
});

test('--for that is interrupted is a failure', async () => {
  const interrupted = await service();
  const { child, prints, ended } = attaching(interrupted.pid, '--for', '50s');
  await prints(/attached to process/);
  child.kill('SIGINT');
  expect(await ended).toBe(1);
});

test('a relative place for temporary files', async () => {
  const relative = await service(SERVICE, { env: { TMPDIR: '.' } });
  const before = await relative.get('/state');
  const { prints, ended } = attaching(relative.pid, '--page');
  await prints(/Ctrl\+C/);
  expect(await cli(['detach', String(relative.pid)])).toMatchObject({ code: 0 });
  expect(await ended).toBe(0);
  await expectNothingLeft(relative, before);
});
