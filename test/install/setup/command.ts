// SPDX-License-Identifier: MIT
// Runs a program to its end.
import { spawnSync } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to our environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Returns stdout. Throws with the whole output if the program fails or takes 400 s. */
export function command(file: string, args: readonly string[], options: CommandOptions = {}) {
  const outcome = attempt(file, args, options);
  if (outcome.status !== 0) {
    throw new Error(`${file} ${args.join(' ')} ended with ${outcome.status}:\n${outcome.output}`);
  }
  return outcome.stdout;
}

/** The same for a program that may fail. */
export function attempt(file: string, args: readonly string[], options: CommandOptions = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...withoutNpm(process.env), ...options.env },
    encoding: 'utf8',
    timeout: 400_000,
    killSignal: 'SIGKILL',
  });
  if (error !== undefined) throw error;
  return { status: status ?? signal, stdout, stderr, output: `${stdout}${stderr}` };
}

/** Without the variables of `npm run`, which describe this checkout, not the project under test. */
export function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(npm_(?!config_registry)|INIT_CWD|NODE_OPTIONS|VITEST|NODE_ENV|TEST)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}
