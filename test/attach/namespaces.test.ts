// SPDX-License-Identifier: MIT
// Processes in namespaces of their own, as in containers: made with `unshare`, which needs root.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { attach, pathOf, SERVICE } from '../support/attach.js';
import { CLI } from '../support/cli.js';

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['--net', '--pid', '--fork', '--mount-proc', 'true'], {
      stdio: 'ignore',
    });
    execFileSync('sh', ['-c', 'command -v ip && command -v mount && command -v nsenter'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

const children: ChildProcess[] = [];
const directory = mkdtempSync(join(tmpdir(), 'attach-test-'));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Starts the service in a shell in these namespaces; returns its pid as this process sees it. */
async function inside(
  options: readonly string[],
  preparation: string,
  { script = pathOf(SERVICE), runner = '' } = {},
) {
  const command = `${preparation}; exec ${runner} ${process.execPath} --inspect-port=0 ${script}`;
  const child = spawn('unshare', [...options, '--kill-child', 'sh', '-c', command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  if (!options.includes('--fork')) return child.pid!;
  return Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim());
}

const OWN = pathOf(new URL('../..', import.meta.url));
const NET = 'ip link set lo up';

describe.skipIf(!canUnshare())('a process in another', () => {
  test('network namespace', async () => {
    const pid = await inside(['--net', '--fork'], NET);
    const { code, stderr } = await attach(pid, '--for', '100ms');
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });

  test('network namespace without a loopback interface: told, and nothing is left', async () => {
    const pid = await inside(['--net', '--fork'], 'true');
    const { code, stderr } = await attach(pid, '--for', '100ms', '--timeout', '1s');
    expect(code).toBe(1);
    expect(stderr).toMatch(/process \d+ /);
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toBeTruthy();
  });

  test('network namespace that this user may not enter: no inspector is opened', async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const pid = await inside(['--net', '--fork'], NET, { runner: nobody.join(' ') });
    const listening = () =>
      readFileSync(`/proc/${pid}/net/tcp`, 'utf8').match(/ 0A /g)?.length ?? 0;
    const before = listening();
    const [command = '', ...args] = nobody;
    const attaching = spawn(
      command,
      [...args, process.execPath, CLI, 'attach', String(pid), '--for', '100ms', '--yes'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    expect(await text(attaching.stderr)).toMatch(/which this command can't enter with nsenter/);
    expect(listening()).toBe(before);
  });

  test('PID namespace, as PID 1', async () => {
    const pid = await inside(['--pid', '--fork', '--mount-proc'], 'true');
    const { code, stderr } = await attach(pid, '--for', '100ms');
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });

  // A checkout below /tmp is not seen there either.
  test.skipIf(OWN.startsWith('/tmp/'))('mount namespace, where it sees another /tmp', async () => {
    const pid = await inside(['--mount', '--fork'], 'mount -t tmpfs none /tmp');
    expect(await attach(pid, '--for', '100ms')).toMatchObject({ code: 0 });
  });

  test('mount namespace, where it does not see this package: what to do is told, and works', async () => {
    const service = join(directory, 'service.mjs');
    copyFileSync(pathOf(SERVICE), service);
    const hide = `mkdir -p /dev/shm/empty && mount --bind /dev/shm/empty ${OWN}`;
    const pid = await inside(['--mount', '--fork'], hide, { script: service });
    const refused = await attach(pid, '--for', '100ms');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /does not see this package at .*; copy it in, and name the copy: npm install --prefix \/proc/,
    );
    const copy = `${directory}/copy`;
    for (const part of [
      'dist',
      'prebuilds',
      'package.json',
      'node_modules/acorn',
      'node_modules/pprof-format',
      'node_modules/@jridgewell',
    ]) {
      execFileSync('sh', [
        '-c',
        `mkdir -p ${copy}/$(dirname ${part}) && cp -r ${OWN}/${part} ${copy}/${part}`,
      ]);
    }
    expect(await attach(pid, '--for', '100ms', '--package', copy)).toMatchObject({ code: 0 });
  });
});
