// SPDX-License-Identifier: MIT
// The commands of docs/report.md for reports in a log, run by the tools themselves.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { raw as jq } from 'jq-wasm';
import { beforeAll, expect, test } from 'vitest';
import { REGISTER, run } from '../support/child.js';
import { reportsOf } from '../support/report-schema.js';

const docs = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8');
const SERVICE = new URL('../fixtures/services/memory.cjs', import.meta.url);
const RECORD = `${fileURLToPath(SERVICE)}:${
  readFileSync(SERVICE, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('const record =')) + 1
}`;

/** Of a service that leaks, with lines of its own. */
let log: string;
beforeAll(async () => {
  const argv = `process.argv.splice(1, 0, 'memory', 'leak', '8');`;
  const { code, stderr } = await run(`${argv} await import(${JSON.stringify(SERVICE.href)});`, {
    args: ['--expose-gc', '--require', REGISTER],
    env: {
      TRACEMALLOC: '1',
      TRACEMALLOC_SAMPLE_INTERVAL: '64KiB',
      TRACEMALLOC_REPORT_EVERY: '200ms',
    },
  });
  expect(code).toBe(0);
  expect(reportsOf(stderr).at(-1)?.level).toBe('warn');
  log = `listening\n${stderr}stopped\n`;
});

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

test('pino-pretty shows level, time and message, and passes other lines on', () => {
  const [, args] = /\| npx pino-pretty (.*)$/m.exec(docs)!;
  const bin = fileURLToPath(import.meta.resolve('pino-pretty/bin.js'));
  const { stdout } = spawnSync(process.execPath, [bin, ...args!.split(' ')], {
    input: log,
    encoding: 'utf8',
  });
  const shown = linesOf(stdout);
  expect(shown).toHaveLength(linesOf(log).length);
  expect([shown[0], shown.at(-1)]).toEqual(['listening', 'stopped']);
  expect(shown[1]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: tracemalloc: rss \d/);
  expect(shown.at(-2)).toMatch(/\] WARN: tracemalloc: rss \d.*; suspects: .* growing by \+/);
});

test('jq: messages, growth and suspects', async () => {
  const commands = [...docs.matchAll(/^jq (-\w+) '(.*)' service\.log$/gm)];
  const outputs = commands.map(([, flags, filter]) => jq(log, filter!, [flags!]));
  const [messages, growth, suspects] = (await Promise.all(outputs)).map(linesOf);
  expect(commands).toHaveLength(3);
  const reports = reportsOf(log.replace(/^(listening|stopped)$/gm, ''));
  expect(messages).toEqual(reports.map(({ time, level, msg }) => `${time} ${level} ${msg}`));
  expect(growth?.[0]).toMatch(/^\d+ /);
  expect(growth?.[0]?.endsWith(` ${RECORD}`)).toBe(true);
  expect(growth).toHaveLength(reports.at(-1)!.sites.length);
  const suspect = suspects?.find((line) => line.startsWith(`${RECORD} `));
  expect(suspect).toMatch(/ \d{4}-\d\d-\d\dT\S+Z \d+$/);
});

test('fields that queries for Loki and CloudWatch name are in the reports', () => {
  const report = reportsOf(log.replace(/^(listening|stopped)$/gm, '')).at(-1)!;
  // Both find reports in the text of the line, or by name and level.
  expect(linesOf(log).at(-2)).toContain('"name":"tracemalloc"');
  for (const [, path] of docs.matchAll(/\b(suspects(?:\[0\]|\.0)\.\w+)\b/g)) {
    const field = path!.split('.').at(-1) as keyof (typeof report.suspects)[0];
    expect(report.suspects[0]?.[field], path).toBeDefined();
  }
});
