// SPDX-License-Identifier: MIT
// Runs JavaScript against the built package in a separate process, so that a crash or hang stays
// there.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { INHERITED } from './environment.js';
import { PATIENCE } from './target.js';

export const PACKAGE = new URL('../../dist/index.mjs', import.meta.url).href;
/** For --require, and for --import. */
export const REGISTER = fileURLToPath(new URL('../../dist/register.js', import.meta.url));
export const REGISTER_MODULE = new URL('../../dist/register.mjs', import.meta.url).href;

declare global {
  /** Objects that a child program keeps alive. */
  var kept: unknown[];
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ChildOptions {
  /** Arguments before the script. */
  readonly args?: readonly string[];
  /** Arguments after the script. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** stderr is closed, so that writing to it fails. */
  readonly closeStderr?: boolean;
}

/** Runs a file, or (an ES module's) source text; kills it after 100 s, if it is not emulated. */
export function run(script: string | URL, options: ChildOptions = {}): Promise<Outcome> {
  const target =
    typeof script === 'string'
      ? ['--input-type=module', '--eval', script]
      : [fileURLToPath(script)];
  return runNode([...(options.args ?? []), ...target, ...(options.argv ?? [])], options);
}

/** Runs Node with these arguments; kills it after 100 s, if it is not emulated. */
export function runNode(
  args: readonly string[],
  options: Omit<ChildOptions, 'args'> = {},
): Promise<Outcome> {
  const env: NodeJS.ProcessEnv = { ...INHERITED, ...options.env };
  const child = spawn(process.execPath, args, {
    env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 100_000 * PATIENCE,
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

interface ProgramOptions<Given> extends ChildOptions {
  /** The program's argument, sent as JSON. */
  readonly given?: Given;
  /** Output on stderr is an error. */
  readonly isQuiet?: true;
}

/** The argument of a program that `evaluate` runs. */
export interface Scope<Given> {
  readonly tracemalloc: typeof import('../../src/index.js');
  /** The code of the error that a call throws; `OK` if it throws none. */
  readonly codeOf: (call: () => unknown) => string;
  readonly given: Given;
}

const CODE_OF = new URL('code-of.mjs', import.meta.url).href;
const ROOT = new URL('../../', import.meta.url).href;

/**
 * Runs a function in a separate process and returns its result, as JSON. Only its source text is
 * sent: the function sees its argument and what it imports from Node, from packages or from
 * `../fixtures`, but nothing else of its file. Its lines are not those of the file.
 */
export async function evaluate<Answer, Given = undefined>(
  program: (scope: Scope<Given>) => Answer | Promise<Answer>,
  { given, isQuiet, ...options }: ProgramOptions<Given> = {},
): Promise<Answer> {
  // Vitest rewrites `import()` like this, with paths from the project's root.
  const source = `import * as tracemalloc from ${JSON.stringify(PACKAGE)};
    import { codeOf } from ${JSON.stringify(CODE_OF)};
    const __vite_ssr_dynamic_import__ = (name) =>
      import(name.startsWith('/test/') ? new URL('.' + name, ${JSON.stringify(ROOT)}) : name);
    const answer = await (${program})({ tracemalloc, codeOf, given: ${JSON.stringify(given)} });
    process.stdout.write(JSON.stringify(answer ?? null));`;
  const outcome = await run(source, options);
  if (outcome.code === 0 && !(isQuiet && outcome.stderr !== ''))
    return JSON.parse(outcome.stdout) as Answer;
  const [, name] = /ReferenceError: (\S+) is not defined/.exec(outcome.stderr) ?? [];
  const hint =
    name === undefined ? '' : `\n${name} is outside of the program: give it in \`given\``;
  throw new Error(`exit ${outcome.code ?? outcome.signal}: ${outcome.stderr}${hint}`);
}

/**
 * Runs the exports of a module in test/fixtures, each call in a separate process, as `evaluate`.
 */
export function programs<Module>(
  fixture: string,
): <Answer = unknown>(
  name: keyof Module & string,
  options?: ProgramOptions<unknown>,
) => Promise<Answer> {
  const url = new URL(`../fixtures/${fixture}.mjs`, import.meta.url).href;
  return (name, { given, ...options } = {}) =>
    evaluate(
      async ({ given: { url, name, given } }) => {
        const module = await import(url);
        return module[name](given);
      },
      { given: { url, name, given }, ...options },
    );
}
