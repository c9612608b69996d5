// SPDX-License-Identifier: MIT
// `tracemalloc live` in a real terminal (util-linux's script), with a real service.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { CLI, cli } from '../support/cli.js';
import { type Service, startService } from '../support/service.js';

const GROWING = new URL('../fixtures/growing-service.mjs', import.meta.url);

const open: { terminal?: ChildProcess; service?: Service } = {};
afterEach(async () => {
  open.terminal?.kill('SIGKILL');
  await open.service?.stop();
});

const CLEAR = '\u001b[H';

/** A terminal of 24 rows that runs `live`; `shows` waits for a screen. */
function terminal(port: string, columns = 120) {
  const command = `stty cols ${columns} rows 24; exec ${process.execPath} ${CLI} live ${port} --every 100ms`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  open.terminal = child;
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  // The second last, since the last may be incomplete.
  const screen = () => output.split(CLEAR).at(-2) ?? '';
  return {
    press: (keys: string) => child.stdin.write(keys),
    shows: (expected: RegExp) => expect.poll(screen, { timeout: 20_000 }).toMatch(expected),
    screen,
    ended: async () => [...(await once(child, 'close')), output],
  };
}

test('shows growth, sorts, groups, filters, and restores the screen when it quits', async () => {
  open.service = await startService(GROWING, { args: ['0'] });
  const { press, shows, screen, ended } = terminal(new URL(open.service.origin).port);
  await shows(/where.*\s+> +\+[\d.]+ [KM]iB .* test\/fixtures\/growing-service\.mjs:9.* remember/);
  expect(screen()).toMatch(/^http:\/\/127\.0\.0\.1:\d+: pid \d+, Node v/);
  expect(screen()).toMatch(/RSS +[\d.]+ MiB .*[▁-█].* MiB to /);
  expect(screen()).toContain('by lineno, sorted by change');
  press('s');
  await shows(/sorted by size/);
  press('g');
  await shows(/by function/);
  press('/rememb\r');
  await shows(/ in 1 sites.* with "rememb"/);
  press('/no such thing\r');
  await shows(/ in 0 sites/);
  press('/\r');
  press('r');
  await shows(/live \(\+[\d.]+ .*\)/);
  press('q');
  const [code, , output] = await ended();
  expect(code).toBe(0);
  expect(output.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
});

test('in 80 columns the file and its line can be read; ? shows help, and hides it', async () => {
  open.service = await startService(GROWING, { args: ['0'] });
  const { press, shows, screen, ended } = terminal(new URL(open.service.origin).port, 80);
  await shows(/ …\S*service\.mjs:9\b/);
  const lines = () => stripVTControlCharacters(screen()).split(/\r?\n/);
  expect(Math.max(...lines().map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(screen()).toMatch(/\? help · q quit/);
  press('?');
  await shows(/^q +quits, as Ctrl\+C does/m);
  expect(screen()).not.toContain('service.mjs:9');
  press('?');
  await shows(/service\.mjs:9\b/);
  press('?s');
  await shows(/sorted by size/);
  press('/?');
  await shows(/filter: \?_/);
  press('\rq');
  expect((await ended())[0]).toBe(0);
});

test('the arrows mark a row, Enter shows its stacks, and the table again', async () => {
  open.service = await startService(GROWING, { args: ['0'] });
  const { press, shows, ended } = terminal(new URL(open.service.origin).port, 100);
  press('s');
  await shows(/sorted by size/);
  await shows(/^> +[+-].*growing-service\.mjs:9\b/m);
  press('\r');
  await shows(/ in \d+ stacks? of \S*growing-service\.mjs:9 remember/);
  await shows(/^ {4}from node:internal\/timers:\d+/m);
  press('\r');
  await shows(/ sites, by lineno[\s\S]*^> .*growing-service\.mjs:9\b/m);
  press('g');
  await shows(/by function/);
  press('\u001b[B');
  await shows(/growing-service\.mjs[\s\S]*^> /m);
  press('\u001b[A');
  await shows(/^> .*growing-service\.mjs/m);
  press('q');
  expect((await ended())[0]).toBe(0);
});

test('waits for a service that has ended, and continues with the next one', async () => {
  open.service = await startService(GROWING, { args: ['0'] });
  const { port } = new URL(open.service.origin);
  const { press, shows, ended } = terminal(port);
  await shows(/growing-service\.mjs:9/);
  await open.service.stop();
  await shows(/ECONNREFUSED.*; trying again/);
  open.service = await startService(GROWING, { args: [port] });
  await shows(/^http:\S+, restarted once: pid \d+[\s\S]*growing-service\.mjs:9/);
  press('\u0003');
  expect((await ended())[0]).toBe(0);
});

test('shows that it tries again if a service does not respond, and quits at once', async () => {
  const asked: Socket[] = [];
  const server = createServer((_, response) => asked.push(response.socket!));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { press, shows, ended } = terminal(String((server.address() as AddressInfo).port));
    await shows(/has sent nothing in 5 s; trying again/);
    await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(1);
    press('q');
    expect((await ended())[0]).toBe(0);
  } finally {
    for (const socket of asked) socket.destroy();
    server.close();
  }
});

test('without a terminal, and for a wrong address, the exit code is 2', async () => {
  expect(await cli(['live', '3000'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('live needs a terminal'),
  });
  expect(await cli(['live', 'somewhere'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('somewhere is neither a URL nor a port'),
  });
});
