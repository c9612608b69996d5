// SPDX-License-Identifier: MIT
// Services to attach to, and what the command and the kernel say of them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { CLI, cli } from './cli.js';
import { INHERITED } from './environment.js';
import { type Service, startService } from './service.js';

export const SERVICE = new URL('../fixtures/attach/service.mjs', import.meta.url);

export interface Plain extends Service {
  readonly pid: number;
  readonly get: (path: string) => Promise<string>;
}

/**
 * Starts a service that knows nothing of this package. Its inspector would open on a port of its own:
 * tests run side by side.
 */
export async function plainService(
  script = SERVICE,
  {
    ownInspectorPort = true,
    ...options
  }: Parameters<typeof startService>[1] & { ownInspectorPort?: boolean } = {},
): Promise<Plain> {
  const nodeArgs = [...(ownInspectorPort ? ['--inspect-port=0'] : []), ...(options.nodeArgs ?? [])];
  const service = await startService(script, { ...options, nodeArgs });
  // Without a connection that stays: it would be a part of the service's state.
  const get = async (path: string) => {
    const [response] = await once(
      request(`${service.origin}${path}`, { agent: false }).end(),
      'response',
    );
    return text(response as IncomingMessage);
  };
  return { ...service, pid: service.child.pid!, get };
}

/** `attach PID` with these options, to its end. */
export function attach(pid: number | undefined, ...options: readonly string[]) {
  return cli(['attach', String(pid), ...options]);
}

/** `attach PID` with these options, running. */
export function attaching(pid: number, ...options: readonly string[]) {
  return runningCommand('attach', String(pid), ...options);
}

/** A command, running; `prints` waits for text on stdout or stderr. */
export function runningCommand(...args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [CLI, ...args], {
    env: INHERITED as NodeJS.ProcessEnv,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    child,
    ended,
    output: () => output,
    prints: (expected: RegExp) => expect.poll(() => output, { timeout: 20_000 }).toMatch(expected),
  };
}

/** The path of our socket on which the process listens, as the kernel tells. */
export function socketOf(pid: number): string | undefined {
  const files = readdirSync(`/proc/${pid}/fd`).map((name) =>
    readlinkSync(`/proc/${pid}/fd/${name}`),
  );
  const rows = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/))
    .find(
      ([, , , , , , inode, path]) =>
        path?.includes('/tracemalloc-attach-') && files.includes(`socket:[${inode}]`),
    )?.[7];
}

/** Waits until the process has neither our socket nor an inspector, and is in the given state. */
export async function expectNothingLeft({ pid, get }: Plain, before: string): Promise<void> {
  await expect.poll(() => socketOf(pid), { timeout: 25_000 }).toBeUndefined();
  const state = async () => JSON.parse(await get('/state'));
  await expect.poll(state, { timeout: 25_000 }).toEqual(JSON.parse(before));
}

export const fixture = (name: string) => new URL(`../fixtures/attach/${name}`, import.meta.url);
export const pathOf = (url: URL) => fileURLToPath(url);
