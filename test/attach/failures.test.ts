// SPDX-License-Identifier: MIT
// Processes that block, that have an inspector of their own, that start or end: what attach opened is
// closed, and what it did not open stays.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import {
  attach,
  attaching,
  expectNothingLeft,
  type Plain,
  pathOf,
  plainService,
  SERVICE,
  socketOf,
} from '../support/attach.js';

const services: Plain[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function service(...nodeArgs: string[]): Promise<Plain> {
  const started = await plainService(SERVICE, { nodeArgs });
  services.push(started);
  return started;
}

const inspectorOf = async ({ get }: Plain) => JSON.parse(await get('/state')).inspector;

describe('an event loop that is blocked', () => {
  test.each(['', '&native=1'])(
    'is given up, and nothing is left when it turns again: /block%s',
    async (kind) => {
      const blocked = await service();
      const before = await blocked.get('/state');
      const answer = blocked.get(`/block?ms=15000${kind}`);
      const { code, stderr } = await attach(blocked.pid, '--for', '1s', '--timeout', '1500ms');
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /has not (answered|opened its inspector) in .*its event loop is blocked/,
      );
      expect(await answer).toBe('blocked');
      await expectNothingLeft(blocked, before);
      // Later it can be attached to.
      const later = await attach(blocked.pid, '--for', '100ms');
      expect(later.code, later.stderr).toBe(0);
    },
  );

  test('while attached: the command ends, and the process detaches when it runs again', async () => {
    const blocked = await service();
    const before = await blocked.get('/state');
    const { child, prints, ended, output } = attaching(blocked.pid, '--page');
    await prints(/Ctrl\+C/);
    const answer = blocked.get('/block?ms=20000');
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(output()).toMatch(/does not answer; it detaches by itself as soon as it runs again/);
    expect(await answer).toBe('blocked');
    await expectNothingLeft(blocked, before);
  });
});

test('a process that was blocked for longer than a lease, which was renewed meanwhile, stays attached', async () => {
  const blocked = await service();
  const before = await blocked.get('/state');
  const { child, prints, ended } = attaching(blocked.pid, '--page');
  await prints(/Ctrl\+C/);
  expect(await blocked.get('/block?ms=17000')).toBe('blocked');
  expect(await blocked.get('/')).toBe('hello /');
  expect(socketOf(blocked.pid)).toBeDefined();
  expect(child.exitCode).toBe(null);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await expectNothingLeft(blocked, before);
});

describe('an inspector', () => {
  test.each(['--inspect=0', '--inspect=9451'])(
    'that is open is used, and stays open: %s',
    async (option) => {
      const inspected = await service(option);
      const before = await inspectorOf(inspected);
      expect(before).toMatch(/^ws:/);
      const { code, stderr } = await attach(inspected.pid, '--for', '100ms');
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr).not.toContain('opens its inspector');
      expect(await inspectorOf(inspected)).toBe(before);
    },
  );

  test.each(['--inspect-port=9452', '--inspect-port=0'])(
    'that is moved is found: %s',
    async (option) => {
      const moved = await service(option);
      const before = await moved.get('/state');
      expect(await attach(moved.pid, '--for', '100ms')).toMatchObject({ code: 0 });
      await expectNothingLeft(moved, before);
    },
  );
});

test('a command that is killed at any moment leaves no inspector', async () => {
  const attacked = await service();
  const before = await attacked.get('/state');
  for (const wait of [100, 150, 200, 250, 300, 400, 500]) {
    const { child, ended } = attaching(attacked.pid, '--page');
    await new Promise((resolve) => setTimeout(resolve, wait));
    child.kill('SIGKILL');
    await ended;
  }
  await expectNothingLeft(attacked, before);
});

test('two processes with the same port for their inspectors, at the same time', async () => {
  const both = [await service('--inspect-port=9453'), await service('--inspect-port=9453')];
  const outcomes = await Promise.all(both.map(({ pid }) => attach(pid, '--for', '100ms')));
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
  for (const each of both) expect(await inspectorOf(each)).toBe('closed');
});

test('a process that has just begun: attached to, or told, and never ended', async () => {
  const outcomes = [];
  for (const wait of [0, 5, 10, 20, 30, 50, 80]) {
    const child = spawn(process.execPath, ['--inspect-port=0', pathOf(SERVICE)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const listens = once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, wait));
    outcomes.push(await attach(child.pid, '--for', '100ms'));
    await listens;
    expect(child.signalCode).toBe(null);
    child.kill('SIGKILL');
  }
  expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    outcomes.map(() => ({ code: 0, stderr: expect.any(String) })),
  );
});

test('a process that ends meanwhile: the exit code is its own, and the command says so', async () => {
  const ending = await service();
  const answer = ending
    .get('/block?ms=1000')
    .then(() => ending.get('/exit?code=5').catch(() => ''));
  const { code } = await attach(ending.pid, '--for', '5s');
  await answer;
  await expect.poll(() => ending.child.exitCode).toBe(5);
  expect([0, 1]).toContain(code);
});
