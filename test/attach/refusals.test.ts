// SPDX-License-Identifier: MIT
// Processes to which nothing may be done: each is refused in one sentence, and gets no signal.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { attach, attaching, type Plain, pathOf, plainService, SERVICE } from '../support/attach.js';
import { cli } from '../support/cli.js';

const children: ChildProcess[] = [];
const services: Plain[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const service of services.splice(0)) await service.stop();
  for (const directory of directories.splice(0))
    rmSync(directory, { recursive: true, force: true });
});

async function service(...args: Parameters<typeof plainService>): Promise<Plain> {
  const started = await plainService(...args);
  services.push(started);
  return started;
}

async function start(
  command: string,
  args: readonly string[],
  options = {},
): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  children.push(child);
  await once(child, 'spawn');
  return child;
}

/** Refused in one line of stderr, for that reason; the process gets no signal, and runs on. */
async function expectRefusal(
  pid: number,
  reason: RegExp | string,
  options: readonly string[] = [],
) {
  const { code, stdout, stderr } = await attach(pid, '--for', '100ms', ...options);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^tracemalloc: [^\n]*\n$/);
  expect(stderr).toMatch(reason);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const CAN_DISABLE = major > 22 || (major === 22 && minor >= 14);

describe('other programs', () => {
  test('what is not Node is refused, whatever its name is', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'attach-test-'));
    directories.push(directory);
    copyFileSync('/bin/sleep', join(directory, 'node'));
    const child = await start(join(directory, 'node'), ['60']);
    await expectRefusal(
      child.pid!,
      /is not Node\.js: its executable .*\/node .* lacks Node's symbols/,
    );
    expect(child.exitCode).toBe(null);
    const listed = (await cli(['ps'])).stdout;
    expect(listed).not.toMatch(new RegExp(`^ *${child.pid} `, 'm'));
  });

  test('Node is known by any name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'attach-test-'));
    directories.push(directory);
    symlinkSync(process.execPath, join(directory, 'server'));
    const child = await start(join(directory, 'server'), [pathOf(SERVICE)]);
    await once(child.stdout!, 'data');
    expect((await cli(['ps'])).stdout).toMatch(
      new RegExp(`^ *${child.pid} .*${process.version}.* yes .*service\\.mjs`, 'm'),
    );
  });

  test('a number that is no process, the command itself, and the kernel', async () => {
    await expectRefusal(2 ** 22 + 1, 'there is no process');
    expect(await attach(undefined, '--page')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not a process id'),
    });
    await expectRefusal(2, /is not Node|does not let|is of user|no process/);
  });
});

describe('states', () => {
  test('a stopped process', async () => {
    const { pid, child, get } = await service();
    child.kill('SIGSTOP');
    await expect
      .poll(async () => (await attach(pid, '--for', '1s')).stderr)
      .toMatch(/is stopped; continue it first/);
    child.kill('SIGCONT');
    expect(await get('/')).toBe('hello /');
  });

  test('a zombie', async () => {
    // The shell becomes a program that never asks for its child.
    const parent = await start('sh', ['-c', `${process.execPath} -e 0 & echo $!; exec sleep 60`]);
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
    await expect
      .poll(async () => (await attach(Number(String(line)), '--for', '1s')).stderr)
      .toMatch(/has ended \(a zombie\)/);
  });
});

describe('SIGUSR1', () => {
  test("an application's own listener is not called", async () => {
    const { pid, get } = await service();
    await get('/listen');
    await expectRefusal(pid, /the application in process \d+ listens for SIGUSR1 itself/);
    await expectRefusal(pid, 'listens for SIGUSR1 itself', ['--yes']);
    expect(await get('/signals')).toBe('0');
    expect((await cli(['ps'])).stdout).toMatch(
      new RegExp(`^ *${pid} .* no: the application .* listens for SIGUSR1`, 'm'),
    );
  });

  test('a listener that was removed leaves a signal that would end the process', async () => {
    const { pid, get } = await service();
    await get('/listen');
    await get('/unlisten');
    await expectRefusal(pid, 'does not listen for SIGUSR1, which would end it');
    expect(await get('/')).toBe('hello /');
  });

  test('where it can not be known who listens, it is sent only if that is said', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'attach-test-'));
    directories.push(directory);
    const stripped = join(directory, 'node');
    try {
      execFileSync('strip', ['-o', stripped, process.execPath]);
    } catch {
      console.warn('SKIPPED: no strip');
      return;
    }
    const child = await start(stripped, ['--inspect-port=0', pathOf(SERVICE)]);
    await once(child.stdout!, 'data');
    await expectRefusal(
      child.pid!,
      /listens for SIGUSR1 itself can't be known here; .* --yes sends/,
    );
    expect((await cli(['ps'])).stdout).toMatch(new RegExp(`^ *${child.pid} .* asks first`, 'm'));
    expect(await attach(child.pid, '--for', '100ms', '--yes')).toMatchObject({ code: 0 });
  });

  test('a listener that came after the process was looked at', async () => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { pid, get } = await service(SERVICE, { nodeArgs: [`--inspect-port=${port}`] });
    const { prints, ended, output } = attaching(pid, '--for', '100ms');
    // It waits for the port.
    await prints(/opens its inspector now/);
    await get('/listen');
    other.close();
    expect(await ended).toBe(1);
    expect(output()).toMatch(/the application in process \d+ listens for SIGUSR1 itself/);
    expect(await get('/signals')).toBe('0');
  });

  test.skipIf(!CAN_DISABLE)('--disable-sigusr1, as an argument and in NODE_OPTIONS', async () => {
    const [argument, variable] = [
      await service(SERVICE, { nodeArgs: ['--disable-sigusr1'] }),
      await service(SERVICE, { env: { NODE_OPTIONS: '--disable-sigusr1' } }),
    ];
    for (const { pid, get } of [argument, variable]) {
      await expectRefusal(pid, 'runs with --disable-sigusr1');
      expect(await get('/')).toBe('hello /');
    }
  });
});

describe('the inspector', () => {
  test('would be on another address than loopback', async () => {
    const { pid } = await service(SERVICE, { nodeArgs: ['--inspect-port=0.0.0.0:9339'] });
    await expectRefusal(pid, 'its options put the inspector on 0.0.0.0');
  });

  test('would be on a port that another process has', async () => {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { pid, get } = await service(SERVICE, { nodeArgs: [`--inspect-port=${port}`] });
    const expected = `process ${process.pid} listens on port ${port}, where process ${pid} would open its inspector`;
    const { code, stderr } = await attach(pid, '--for', '1s', '--timeout', '1s');
    expect(code).toBe(1);
    expect(stderr).toContain(expected);
    expect(JSON.parse(await get('/state')).inspector).toBe('closed');
    other.close();
  });
});

describe.skipIf(process.getuid?.() !== 0)('users', () => {
  test('a process of another user, for one who is not root', async () => {
    const { pid } = await service();
    const child = await start(
      process.execPath,
      [
        '-e',
        `
      process.setuid(65534);
      process.argv.splice(1, 0, 'tracemalloc');
      import(${JSON.stringify(pathOf(new URL('../../dist/cli.js', import.meta.url)))});
    `,
        'attach',
        String(pid),
        '--for',
        '1s',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stderr = '';
    child.stderr!.on('data', (text) => {
      stderr += text;
    });
    await once(child, 'close');
    expect(stderr).toMatch(/is of user 0, this is user 65534; run the command as that user/);
  });
});

describe('usage', () => {
  test('modes exclude each other, and need what they need', async () => {
    const wrong = async (...options: string[]) => {
      const { code, stderr } = await attach(1, ...options);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await wrong('--page', '--report')).toContain('exclude each other');
    expect(await wrong('-o', 'file')).toContain('--output needs --for');
    expect(await wrong()).toContain('attach needs a terminal, or --page, --for TIME or --report');
    expect(await wrong('--for', 'soon')).toContain('--for soon is not a time');
  });
});
