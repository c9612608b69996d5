// SPDX-License-Identifier: MIT
// Runs JavaScript against the built package in a process of its own: what may crash or hang does so
// there.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { INHERITED } from './environment.js';

export const PACKAGE = new URL('../../dist/index.js', import.meta.url).href;
export const REGISTER = fileURLToPath(new URL('../../dist/register.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  /** Before the script. */
  readonly args?: readonly string[];
  /** After it. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Nobody reads stderr: writing to it fails. */
  readonly closeStderr?: boolean;
}

/** Runs a file, or (an ES module's) source text; kills it after 40 s. */
export function run(script: string | URL, options: ChildOptions = {}): Promise<Outcome> {
  const target =
    typeof script === 'string'
      ? ['--input-type=module', '--eval', script]
      : [fileURLToPath(script)];
  return runNode([...(options.args ?? []), ...target, ...(options.argv ?? [])], options);
}

/** Runs Node with these arguments; kills it after 40 s. */
export function runNode(
  args: readonly string[],
  options: Omit<ChildOptions, 'args'> = {},
): Promise<Outcome> {
  const env: NodeJS.ProcessEnv = { ...INHERITED, ...options.env };
  const child = spawn(process.execPath, args, {
    env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 40_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  if (options.closeStderr) child.stderr.destroy();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs source text with the package as `tracemalloc`; answers what it gave to `report()`. */
export async function evaluate<T>(body: string, options: ChildOptions = {}): Promise<T> {
  const outcome = await run(
    `import * as tracemalloc from ${JSON.stringify(PACKAGE)};
    const report = (value) => process.stdout.write(JSON.stringify(value));
    const codeOf = (call) => { try { call(); return 'OK'; } catch (error) {
      return error instanceof tracemalloc.TracemallocError ? error.code : 'not ours: ' + error;
    } };
    ${body}`,
    options,
  );
  if (outcome.code !== 0) {
    throw new Error(`exit ${outcome.code ?? outcome.signal}: ${outcome.stderr}`);
  }
  return JSON.parse(outcome.stdout) as T;
}
