// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import { attachedSocket } from '../attach/attached-socket.js';
import { ownRoot, targetOf } from '../attach/target.js';
import { maskedArguments } from '../files/argument-mask.js';
import { nodeProgramOf } from '../processes/node-program.js';
import { commandLine, type ProcessState, readProcess } from '../processes/process-state.js';
import { markdownCode, markdownTable, markdownText } from '../text/markdown.js';
import { plainName } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import { defineCommand } from './command.js';
import { FORMAT, type Format, print, styler } from './output.js';
import { type Columns, layOut } from './table.js';

export const ps = defineCommand({
  name: 'ps',
  summary: 'Lists the Node.js processes of this machine, and whether attach can trace them.',
  operands: '',
  arity: [0, 0],
  options: FORMAT,
  examples: ['tracemalloc ps'],
  async run({ format }) {
    await print(processList(format));
    return 0;
  },
});

/** A row for each Node.js process of this machine; without credentials of its command line. */
export function processList(format: Format): string {
  const header = ['pid', 'uptime', 'RSS', 'Node', 'attach', 'script'];
  const columns: Columns = ['right', 'right', 'right', 'left', 'left', 'left'];
  const isPassedOn = format === 'md';
  const script = isPassedOn ? markdownCode : plainName;
  const text = isPassedOn ? markdownText : plainName;
  const rows = processes().map((state) => [
    String(state.pid),
    formatAge(ageOf(state)),
    formatSize(state.rss),
    text(nodeProgramOf(state.pid)?.version ?? ''),
    text(attachable(state.pid)),
    // Masked before it is cut: a credential may be in two parts of it.
    script(scriptOf(maskedArguments(commandLine(state.pid).slice(0, MOST_ARGUMENTS)))),
  ]);
  const styled = styler();
  const lines = isPassedOn
    ? markdownTable(header, columns, rows)
    : layOut(columns, [header.map((title) => styled('dim', title)), ...rows]);
  return `${lines.join('\n')}\n`;
}

function processes(): readonly ProcessState[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => nodeProgramOf(Number(pid)) !== undefined)
    .flatMap((pid) => readProcess(Number(pid)) ?? []);
}

/** In the words of the column `attach`. */
function attachable(pid: number): string {
  if (attachedSocket(pid) !== undefined) return 'attached';
  try {
    const { isOpen, doubts } = targetOf(pid, ownRoot());
    if (isOpen) return 'yes, by its open inspector';
    return doubts.length === 0 ? 'yes' : 'asks first';
  } catch (error) {
    // One process that can't be read must not hide the others.
    return `no: ${String((error as Error).message).split(/[;:] /, 1)[0]!}`;
  }
}

/** Any user's process may have a million. */
const MOST_ARGUMENTS = 500;

/** Ticks in a second, in /proc on Linux. */
const TICKS = 100;

/** Seconds. */
function ageOf({ startTime }: ProcessState): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - Number(startTime) / TICKS;
}

function formatAge(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
  ] as const;
  const [size, unit] = units.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}

/** Node's options that are followed by their value. */
const WITH_VALUE =
  /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file)$/;

/** The program's file and what follows, as far as it helps to distinguish processes. */
function scriptOf([, ...args]: readonly string[]): string {
  let first = 0;
  while (first < args.length && args[first]!.startsWith('-'))
    first += WITH_VALUE.test(args[first]!) ? 2 : 1;
  return (first < args.length ? args.slice(first) : args).join(' ').slice(0, 100);
}
