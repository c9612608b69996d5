// SPDX-License-Identifier: MIT
// tracemalloc/testing in suites of real runners: those that leak fail and name the line, those that
// do not pass. Jest runs in test/install, by its guide.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { run, runNode } from '../support/child.js';
import { lineOf } from '../support/line-of.js';

const FIXTURES = new URL('../fixtures/testing/', import.meta.url);
const pathOf = (name: string) => fileURLToPath(new URL(name, FIXTURES));
const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const LEAKS = ['array', 'map', 'numbers', 'listener', 'closure', 'buffer', 'timer', 'promise'];

/** The part of a report of TAP that is about one test. */
function resultOf(tap: string, name: string): string {
  const lines = tap.split('\n');
  const begin = lines.findIndex((line) => new RegExp(`^\\s*(not )?ok \\d+ - ${name}$`).test(line));
  expect(begin, `${name} in\n${tap}`).toBeGreaterThanOrEqual(0);
  const end = lines.findIndex((line, i) => i > begin && /^\s*\.\.\.$/.test(line));
  return lines.slice(begin, end).join('\n');
}

test('node:test: leaks fail by their lines, in a summary, too; other suites pass', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-summary-'));
  try {
    const summary = join(directory, 'summary.md');
    const { stdout } = await runNode(['--test', '--test-reporter=tap', pathOf('suite.mjs')], {
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    const leaks = resultOf(stdout, 'leaks');
    expect(leaks).toContain('not ok');
    expect(leaks).toContain("code: 'ERR_MEMORY_GROWTH'");
    const file = pathOf('leaks.mjs');
    for (const name of LEAKS) expect(leaks).toContain(`${file}:${lineOf(file, name)} (${name})`);
    const named = leaks.split('\n').filter((text) => text.includes(': size='));
    expect(named.filter((text) => !text.includes(`${file}:`))).toEqual([]);
    for (const name of ['tolerates', 'one', 'two', 'with fake timers', 'needs little']) {
      expect(resultOf(stdout, name), name).toMatch(/^\s*ok/);
    }
    const heavy = resultOf(stdout, 'needs too much');
    expect(heavy).toContain("code: 'ERR_MEMORY_LIMIT'");
    const place = `${pathOf('suite.mjs')}:${lineOf(pathOf('suite.mjs'), 'heavy')}`;
    expect(heavy).toContain(place);
    const markdown = readFileSync(summary, 'utf8');
    expect(markdown).toContain('| line | a run | count a run | live | count |');
    expect(markdown).toContain(`${file}:${lineOf(file, 'array')} (array)`);
    expect(markdown).toContain('### Memory above 1 MB: ');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

describe.each(['forks', 'threads'])('vitest, %s', (pool) => {
  test('matchers', async () => {
    const args = ['run', '--config', pathOf('vitest.config.mjs'), '--root', pathOf('.')];
    const { stdout } = await runNode(
      [VITEST, ...args, `--pool=${pool}`, '--reporter=json', 'runner.vitest.mjs'],
      { cwd: pathOf('.') },
    );
    const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{"num')));
    const results: Record<string, { status: string; text: string }> = Object.fromEntries(
      testResults[0].assertionResults.map(
        ({ title, status, failureMessages }: Record<string, unknown>) => [
          title,
          { status, text: String(failureMessages) },
        ],
      ),
    );
    const file = pathOf('leaks.mjs');
    expect(results['leaks']?.text).toContain(`${file}:${lineOf(file, 'array')} (array)`);
    expect(results['is clean, with fake timers']).toEqual({ status: 'passed', text: '' });
    expect(results['needs too much']?.text).toContain('more than the limit of 1 MB');
  });
});

test('bodies that scatter, fill caches and warm up are no leaks', async () => {
  const { stdout, stderr } = await run(new URL('clean.mjs', FIXTURES), { argv: ['5'] });
  expect(JSON.parse(stdout || stderr)).toEqual({ calls: 5, alarms: [] });
});
