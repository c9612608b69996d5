// SPDX-License-Identifier: MIT
// Leaks whose memory is allocated by others: by a method of a Buffer, by a dependency, and by deep
// stacks of a dependency that compiles code. By default reports, and with frames 'own' statistics,
// name the line of one's own that called them, with the bytes by which the heap grows.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PACKAGE, REGISTER, runNode } from '../support/child.js';
import { cli } from '../support/cli.js';
import { lineOf } from '../support/line-of.js';
import { reportsOf } from '../support/report-schema.js';

const FILES: Readonly<Record<string, string>> = {
  // Keeps one cell of each table; a cell is a slice of the table's whole text.
  'cells.mjs': `
export const kept = [];
const table = (n) => Buffer.from(Array.from({ length: 200 }, (_, i) => n + '-' + i + '\\tcustomer ' + i + ' of many\\t' + 'x'.repeat(180)).join('\\n'), 'latin1');
function parse(buffer) {
  const text = buffer.toString('latin1'); // line: leak
  kept.push(text.split('\\n')[7].split('\\t')[1]);
}
export function round(n) {
  for (let i = 0; i < 200; i++) parse(table(n * 200 + i));
}
`,
  // A logger for each client, which the logging library keeps.
  'loggers.mjs': `
import { logger } from 'loggers';
function connect(name) {
  return logger(name, { level: 'info' }); // line: leak
}
export function round(n) {
  for (let i = 0; i < 2000; i++) connect('client ' + (n * 2000 + i));
}
`,
  'node_modules/loggers/package.json': '{ "name": "loggers", "main": "index.js" }',
  'node_modules/loggers/index.js': `
const known = new Map();
class Logger {
  constructor(options) {
    this.options = { ...options };
    this.levels = ['error', 'warn', 'info'].map((name, rank) => ({ name, rank, write: () => name }));
    this.streams = Array.from({ length: 40 }, (_, id) => ({ id }));
  }
}
exports.logger = (name, options) => {
  if (!known.has(name)) known.set(name, new Logger(options));
  return known.get(name);
};
`,
  // Pages that are never closed. The library builds a page by recursion, in code that it compiles.
  'pages.mjs': `
import { render } from 'pages';
function show(depth) {
  return render(depth); // line: leak
}
export function round() {
  for (let i = 0; i < 300; i++) show(25);
}
`,
  'node_modules/pages/package.json': '{ "name": "pages", "main": "index.js" }',
  'node_modules/pages/index.js': `
const vm = require('node:vm');
const open = [];
const element = vm.runInThisContext('(depth, build) => ({ depth, attributes: [depth, depth + 1], child: build(depth - 1), styles: new Array(40).fill(depth) })');
const build = (depth) => (depth === 0 ? null : element(depth, build));
exports.render = (depth) => open.push(build(depth));
`,
  // Prints the growth of the heap, and what the API says of it.
  'main.mjs': `
import { setTimeout as sleep } from 'node:timers/promises';
import * as tracemalloc from ${JSON.stringify(PACKAGE)};
const { round } = await import(process.argv[2]);
const used = async () => {
  for (let i = 0; i < 4; i++) { gc(); await sleep(10); }
  return process.memoryUsage().heapUsed;
};
tracemalloc.start({ sampleInterval: 4096 });
round(0);
const watched = tracemalloc.watch({ every: 10, frames: 'own' });
const [old, before] = [await used(), tracemalloc.takeSnapshot()];
for (let n = 1; n <= 4; n++) round(n);
const [now, after] = [await used(), tracemalloc.takeSnapshot()];
const lineOf = ({ traceback }) => traceback.at(-1).filename + ':' + traceback.at(-1).lineno;
const alive = setInterval(() => {}, 1000);
const { value: change } = await watched.next();
const [first] = after.compareTo(before, 'lineno', { frames: 'own' });
await before.dump('before.pb.gz');
await after.dump('after.pb.gz');
console.log(JSON.stringify({
  grown: now - old,
  site: lineOf(first),
  watched: lineOf(change.diff[0]),
  processReport: (await tracemalloc.takeProcessReport({ frames: 'own' })).sites[0].site,
  sizeDiff: first.sizeDiff,
  allocator: first.allocator && String(first.allocator),
}));
clearInterval(alive);
`,
};

let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-')));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

describe.each([
  ['cells.mjs', /\(native\)|^node:buffer:/],
  ['loggers.mjs', /\/node_modules\/loggers\/index\.js:[567]$/],
  ['pages.mjs', /\/node_modules\/pages\/index\.js:\d+$|^evalmachine/],
])('%s', (name, allocator) => {
  let answer: Record<'site' | 'watched' | 'processReport' | 'allocator', string> &
    Record<'grown' | 'sizeDiff', number>;
  let stderr: string;
  let leak: string;

  beforeAll(async () => {
    leak = `${join(directory, name)}:${lineOf(join(directory, name), 'leak')}`;
    const outcome = await runNode(['--expose-gc', '--require', REGISTER, 'main.mjs', `./${name}`], {
      cwd: directory,
      env: {
        TRACEMALLOC: '1',
        TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
        TRACEMALLOC_REPORT_EVERY: '0',
        TRACEMALLOC_REPORT_AT_EXIT: '1',
      },
    });
    expect(outcome.code, outcome.stderr).toBe(0);
    answer = JSON.parse(outcome.stdout);
    stderr = outcome.stderr;
  });

  test('compareTo names the line and its bytes', () => {
    expect(answer.grown).toBeGreaterThan(10e6);
    expect(answer).toMatchObject({ site: leak, watched: leak, processReport: leak });
    expect(answer.allocator).toMatch(allocator);
    // The standard error of S live bytes is at most the root of S * interval.
    const error = 4.5 * Math.sqrt(answer.grown * 4096) + 0.04 * answer.grown;
    expect(Math.abs(answer.sizeDiff - answer.grown)).toBeLessThan(error);
  });

  test('a report has the line first, with its allocator beside it', () => {
    const [report] = reportsOf(stderr);
    expect(report?.frames).toBe('own');
    expect(report?.sites[0]?.site).toBe(leak);
    expect(report?.sites[0]?.allocator).toBeTruthy();
    expect(report?.sites[0]?.size).toBeGreaterThan(answer.grown);
  });

  test('TRACEMALLOC_FRAMES and --frames choose another frame', async () => {
    const { stderr } = await cli(
      ['run', '--frames', 'all', '--format', 'json', 'main.mjs', `./${name}`],
      { cwd: directory, env: { NODE_OPTIONS: '--expose-gc', TRACEMALLOC_SAMPLE_INTERVAL: '4KiB' } },
    );
    const [report] = reportsOf(stderr);
    expect(report?.frames).toBe('all');
    expect(report?.sites.map(({ allocator }) => allocator)).not.toContain(expect.anything());
  });

  test('the command shows both, from dumps', async () => {
    const { stdout } = await cli(['diff', 'before.pb.gz', 'after.pb.gz'], { cwd: directory });
    const [, , , , row] = stdout.split('\n');
    expect(row).toContain(`${name}:${leak.split(':').at(-1)}`);
    expect(row).toMatch(/ in \S+$/);
    const all = await cli(['diff', '--frames', 'all', 'before.pb.gz', 'after.pb.gz'], {
      cwd: directory,
    });
    expect(all.stdout.split('\n')[4]).not.toContain(`${name}:${leak.split(':').at(-1)}`);
  });
});
