// SPDX-License-Identifier: MIT
// Help texts, made from the same tables that are used for parsing.
import { type Command, flagOf, type Options } from './command.js';
import { type Columns, layOut } from './table.js';

const EXIT_CODES = [
  ['0', 'done'],
  ['1', 'failure; one line on stderr says why'],
  ['2', 'wrong usage'],
] as const;

export function helpFor(command: Command): string {
  const { name, operands, summary, options, examples, exitCodes = [] } = command;
  const all: Options = { ...options, help: { short: 'h', meaning: 'show this' } };
  return [
    `Usage: tracemalloc ${name} [options]${operands === '' ? '' : ` ${operands}`}`,
    '',
    summary,
    '',
    'Options:',
    ...indent(Object.entries(all).map(([key, option]) => describe(key, option))),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
    'Exit codes:',
    ...indent([...EXIT_CODES, ...exitCodes].map(([code, meaning]) => [code, meaning])),
  ].join('\n');
}

export function overview(commands: readonly Command[], version: string): string {
  return [
    `tracemalloc ${version}: which line of a Node.js program holds the memory, and which line grew`,
    '',
    'Usage: tracemalloc COMMAND [options] ...',
    '',
    'Commands:',
    ...indent(commands.map(({ name, summary }) => [name, firstSentence(summary)])),
    '',
    'tracemalloc COMMAND --help says more. FILE is what Snapshot.dump() wrote, or any pprof heap',
    'profile (./3000 if its name is a number); URL is a service with createHandler(), such as',
    'http://127.0.0.1:3000, and PORT one on this machine.',
  ].join('\n');
}

function firstSentence(text: string): string {
  return text.replaceAll('\n', ' ').split('. ')[0]!.replace(/\.?$/, '.');
}

function describe(key: string, option: Options[string]): string[] {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const flag = `${short}--${flagOf(key)}${option.value === undefined ? '' : ` ${option.value}`}`;
  const standard = option.default === undefined ? '' : ` (default ${option.default})`;
  return [flag, `${option.meaning}${standard}`];
}

function indent(rows: readonly (readonly string[])[]): string[] {
  const columns: Columns = ['left', 'left'];
  return layOut(columns, rows).map((line) => `  ${line}`);
}
