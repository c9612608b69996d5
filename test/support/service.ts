// SPDX-License-Identifier: MIT
// A child process that runs until the test ends it, and prints its address as its first line on
// stdout.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { INHERITED } from './environment.js';

export interface Service {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  stop(): Promise<void>;
}

export async function startService(
  script: URL,
  {
    args = [],
    env = {},
    nodeArgs = [],
  }: { args?: string[]; env?: Record<string, string>; nodeArgs?: string[] } = {},
): Promise<Service> {
  const child = spawn(process.execPath, [...nodeArgs, fileURLToPath(script), ...args], {
    env: { ...INHERITED, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout! });
  const [port] = await Promise.race([
    once(lines, 'line'),
    exited.then(([code]) => Promise.reject(new Error(`exit ${code} before listening`))),
  ]);
  return {
    child,
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
