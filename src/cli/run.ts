// SPDX-License-Identifier: MIT
// Runs a program with tracemalloc/register preloaded. The program keeps its terminal, its signals
// and its exit code: this process becomes the program.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Binding } from '../addon/binding.js';
import { loadAddon } from '../addon/loader.js';
import { ownDirectory } from '../files/package-files.js';
import { OPTIONS as RULES } from '../options.js';
import { VARIABLES } from '../service/environment.js';
import { defineCommand, type Option, UsageError, type Values } from './command.js';

const REGISTER = `${ownDirectory}register.js`;

// Defaults for a program that is run in order to be observed; those for services differ.
const DEFAULTS: Readonly<Record<string, string>> = {
  TRACEMALLOC: '1',
  TRACEMALLOC_REPORT_EVERY: '0',
  TRACEMALLOC_REPORT_AT_EXIT: '1',
  TRACEMALLOC_FORMAT: 'text',
};

const PREFIX = 'TRACEMALLOC_';

/** TRACEMALLOC_REPORT_EVERY is --report-every; TRACEMALLOC itself is --traceback-limit. */
const NAMES = new Map(
  Object.values(VARIABLES).map(({ name }) => {
    const words = name === 'TRACEMALLOC' ? 'traceback_limit' : name.slice(PREFIX.length);
    return [words.toLowerCase().replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), name];
  }),
);

const TRACEBACK_LIMIT: Option = {
  value: 'N',
  meaning: `frames kept of each stack, 2 to 128 (default ${RULES.tracebackLimit.text.default})`,
  expects: 'a number of frames from 2 to 128',
  parse: (text) => (Number(VARIABLES.enabled.parse(text)) >= 2 ? text : undefined),
};

/**
 * An option for each variable of tracemalloc/register; without it a variable that is set applies.
 */
const VARIABLE_OPTIONS: Readonly<Record<string, Option>> = Object.fromEntries(
  [...NAMES].map(([key, wanted]) => {
    const { name, meaning, expects, parse, ...variable } = Object.values(VARIABLES).find(
      (known) => known.name === wanted,
    )!;
    if (name === 'TRACEMALLOC') return [key, TRACEBACK_LIMIT];
    const standard = DEFAULTS[name] ?? variable.default;
    // The text itself is passed on: the program's process parses it again.
    const check = (text: string) => (parse(text) === undefined ? undefined : text);
    return [
      key,
      { value: 'V', meaning: `${meaning} (default ${standard})`, expects, parse: check },
    ];
  }),
);

const OPTIONS = {
  output: {
    value: 'FILE',
    short: 'o',
    meaning: 'write the last snapshot to FILE, for the other commands and go tool pprof',
  },
  ...VARIABLE_OPTIONS,
} as const;

export const run = defineCommand({
  name: 'run',
  summary:
    "Runs a program with tracing on, and reports on stderr when it ends. The options stand for\ntracemalloc/register's variables, which apply where an option is not given.",
  operands: 'app.js [arguments]',
  arity: [1, Number.POSITIVE_INFINITY],
  stopsAtOperand: true,
  options: OPTIONS,
  examples: [
    'tracemalloc run app.js --port 3000',
    'tracemalloc run --sample-interval 64KiB -o heap.pb.gz app.js && tracemalloc top heap.pb.gz',
    'tracemalloc run --report-every 10s --key function app.js',
    'NODE_OPTIONS=--max-old-space-size=512 tracemalloc run app.js',
  ],
  exitCodes: [
    ['other', "the program's own; a signal that ends the program ends this command, too"],
  ],
  run: (values, operands) => runProgram(operands, environmentOf(values)),
});

function environmentOf(values: Values<typeof OPTIONS>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...DEFAULTS, ...process.env };
  if (env['TRACEMALLOC'] === '0' || env['TRACEMALLOC'] === '') env['TRACEMALLOC'] = '1';
  for (const [key, name] of NAMES) {
    const text = (values as Readonly<Record<string, unknown>>)[key];
    if (typeof text === 'string') env[name] = text;
  }
  // Resolved here, since the program may change its working directory.
  if (values.output !== undefined) env['TRACEMALLOC_RUN_OUTPUT'] = resolve(values.output);
  return env;
}

async function runProgram(operands: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [program = ''] = operands;
  if (program.startsWith('-')) throw new UsageError(`${program} is not a program`);
  const args = ['--require', REGISTER, ...operands];
  becomeProgram(args, env);
  return standBeforeProgram(args, env);
}

// With no process in between, everything that happens to this process happens to the program:
// signals of all kinds, stops at a terminal, being PID 1.
function becomeProgram(args: readonly string[], env: NodeJS.ProcessEnv): void {
  let addon: Binding;
  try {
    addon = loadAddon();
  } catch {
    return; // the program will say that it is not traced
  }
  addon.replaceProcess({
    arguments: [process.execPath, ...args],
    environment: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  });
}

// Signals that are sent to a process in order to reach the program that it runs.
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

// Without the addon, this process stays as the parent of the program.
function standBeforeProgram(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, args, { env, stdio: 'inherit' });
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      // A terminal sends these signals to both processes.
      const isFromTerminal = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
      if (!isFromTerminal) child.kill(signal);
    });
  }
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      if (signal === null) done(code ?? 1);
      else dieOf(signal);
    });
  });
}

// So that the shell sees the same signal as without this process.
function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
