// SPDX-License-Identifier: MIT
// Checks whether this Node can be traced, how exactly, and why not better, by tracing known memory.

import { Script } from 'node:vm';
import { TracemallocError } from '../errors.js';
import type { Status } from '../status.js';
import { markdownTable, markdownText } from '../text/markdown.js';
import { plain } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import { start, status, stop, takeSnapshot } from '../tracer.js';
import { samplingText } from '../traces/sampling.js';
import { defineCommand } from './command.js';
import { FORMAT, type Format, print, type Style, styler } from './output.js';
import { layOut } from './table.js';

/** Exit codes: this Node can't be traced; it is traced by function only. */
const [NONE, DEGRADED] = [1, 3];

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Shows whether the Node that runs it can be traced, how exactly, and why not better.',
  operands: '',
  arity: [0, 0],
  options: FORMAT,
  examples: ['tracemalloc doctor', '/opt/node-24/bin/node node_modules/.bin/tracemalloc doctor'],
  exitCodes: [['3', 'functions are known, lines are not']],
  async run({ format }) {
    const { text, code } = examination(format);
    await print(text);
    return code;
  },
});

/** Examines the Node that runs this, which must not trace. */
export function examination(format: Format): { readonly text: string; readonly code: number } {
  const rows: Row[] = [
    ['node', `${process.version}, V8 ${process.versions.v8}, ABI ${process.versions.modules}`],
    ['platform', `${process.platform} ${process.arch}${libc()}`],
  ];
  const code = examine((...row) => rows.push(row));
  return { text: `${linesOf(rows, format).join('\n')}\n`, code };
}

function linesOf(rows: readonly Row[], format: Format): string[] {
  if (format === 'md') {
    const cells = rows.map(([name, text]) => [name, markdownText(text)]);
    return markdownTable(['fact', 'value'], COLUMNS, cells);
  }
  const styled = styler();
  const cells = rows.map(([name, text, style]) => [
    name,
    style === undefined ? plain(text) : styled(style, plain(text)),
  ]);
  return layOut(COLUMNS, cells);
}

const COLUMNS = ['left', 'left'] as const;

type Row = readonly [name: string, text: string, style?: Style];

type Tell = (...row: Row) => void;

function examine(tell: Tell): number {
  try {
    start({ sampleInterval: 1024 });
  } catch (error) {
    const code = error instanceof TracemallocError ? `${error.code}: ` : '';
    tell('tracing', `not possible: ${code}${(error as Error).message}`, 'red');
    return NONE;
  }
  try {
    const { engine, precision, reason } = status();
    tell('engine', engine);
    tell('precision', precision ?? 'unknown', precision === 'line' ? 'green' : 'red');
    if (reason !== '') tell('why not line', reason);
    const found = tryOut();
    tell('trial', found.text, found.isRight ? 'green' : 'red');
    tellCounters(tell, status());
    stop();
    start();
    const { sampleInterval, sampling } = status();
    const text = samplingText({ sampleInterval, ...sampling });
    const tuning = sampling === undefined ? '' : '; it tunes itself, up to 1 % of CPU';
    tell('sampling', `by default ${text}${tuning}`);
    if (!found.isRight) return NONE;
    return precision === 'line' ? 0 : DEGRADED;
  } finally {
    stop();
  }
}

const TRIAL = 'tracemalloc-doctor-trial.js';
const LINE = 2;
const KEPT = 4 * 1024 ** 2;

// Keeps memory on one line of a script of its own: the package's own frames are never shown.
function tryOut(): { isRight: boolean; text: string } {
  const source = `(function keep(kept) {\n  for (let i = 0; i < 1024; i++) kept[i] = new Array(510);\n})`;
  const kept: unknown[] = new Array(1024);
  new Script(source, { filename: TRIAL }).runInThisContext()(kept);
  const snapshot = takeSnapshot();
  const byLine = status().precision === 'line';
  const seen = snapshot.statistics(byLine ? 'lineno' : 'filename').find(({ traceback }) => {
    const frame = traceback.at(-1);
    return frame?.filename === TRIAL && (!byLine || frame.lineno === LINE);
  });
  const size = seen?.size ?? 0;
  // Within four standard errors, which come from the samples themselves.
  const isRight = Math.abs(size - KEPT) <= 4 * (seen?.error ?? 0) + KEPT / 50;
  const where = byLine ? 'on a known line' : 'in a known file';
  const text = `${formatSize(kept.length * 4096)} kept ${where}, ${formatSize(size)} found there`;
  return { isRight, text: `${text}: ${isRight ? 'right' : 'wrong'}` };
}

function tellCounters(tell: Tell, { dropped, diagnostics }: Status): void {
  const counters = Object.entries(diagnostics).filter(([, count]) => count > 0);
  if (dropped > 0) tell('dropped', `${dropped} samples`, 'red');
  if (counters.length > 0) {
    tell('counters', counters.map(([name, count]) => `${name} ${count}`).join(', '));
  }
}

function libc(): string {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  if (process.platform !== 'linux') return '';
  return header?.glibcVersionRuntime === undefined
    ? ', not glibc'
    : `, glibc ${header.glibcVersionRuntime}`;
}
