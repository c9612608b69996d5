// SPDX-License-Identifier: MIT
// createReporter() with the real loggers that services use, each in its own process.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';
import { asReport } from '../support/report-schema.js';

const LOGGED = new URL('../fixtures/logged.cjs', import.meta.url);
const log = async (logger: string) => {
  // Not as the main module: fastify's warnings differ there.
  const argv = `process.argv.splice(1, 0, 'logged', ${JSON.stringify(logger)});`;
  const outcome = await run(`${argv} await import(${JSON.stringify(LOGGED.href)});`);
  expect(outcome).toMatchObject({ code: 0, signal: null });
  return { ...outcome, lines: outcome.stdout.split('\n').filter((line) => line !== '') };
};

test.each([
  { logger: 'pino', message: 'msg', levels: [30, 40] },
  { logger: 'pino child', message: 'msg', levels: [30, 40], own: { part: 'memory' } },
  { logger: 'fastify', message: 'msg', levels: [30, 40] },
  { logger: 'bunyan', message: 'msg', levels: [30, 40], own: { name: 'shop' } },
  { logger: 'winston', message: 'message', levels: ['info', 'warn'] },
])(
  "$logger: a line with a headline, the logger's fields, and the report under one key",
  async ({ logger, message, levels, own = {} }) => {
    const { lines, stderr } = await log(logger);
    expect(stderr).toBe('');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      const logged = JSON.parse(line);
      expect(logged).toMatchObject(own);
      expect(logged[message]).toMatch(/^tracemalloc: rss .* MiB, heap .*, traced /);
      const report = asReport(logged.tracemalloc);
      expect(logged[message]).toBe(report.msg);
      // pino and bunyan have numbers for levels.
      expect(logged.level).toBe(levels[report.level === 'warn' ? 1 : 0]);
      expect(report.sites.some(({ site }) => site.includes('logged.cjs:'))).toBe(true);
    }
  },
);

test('console gets text', async () => {
  const { stdout, stderr } = await log('console');
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /^tracemalloc: rss .*\n memory: .*\n sites, .*:\n {2}#1: .*logged\.cjs:\d+: size=/,
  );
});

test('a function gets the report itself', async () => {
  const { lines } = await log('function');
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) asReport(JSON.parse(line).mine);
});

test('a logger that throws ends the reports with one line; the service continues', async () => {
  const { stdout, stderr } = await log('throwing');
  expect(stdout).toBe('');
  expect(stderr).toBe('tracemalloc: no more reports: the disk is full\n');
});
