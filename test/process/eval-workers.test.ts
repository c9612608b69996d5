// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { REGISTER, REGISTER_MODULE, run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/eval-workers.mjs', import.meta.url);

async function told(args: string[]): Promise<Record<string, object>> {
  const { stdout, stderr } = await run(FIXTURE, {
    args,
    env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_EVERY: '0' },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test.each([
  ['--import', [`--import=${REGISTER_MODULE}`]],
  ['--import and an argument', ['--import', REGISTER_MODULE]],
  ['--require', ['--require', REGISTER]],
])(
  'workers that are made with `eval: true` trace under %s, and are as they were',
  async (_, args) => {
    const traced = { traces: true, isWorker: true };
    expect(await told(args)).toEqual({
      sloppy: { ...traced, isStrict: false, line: 5 },
      strict: { ...traced, isStrict: true, line: 5 },
      'strict without semicolon': { ...traced, isStrict: true, line: 6 },
      'strict after comments': { ...traced, isStrict: true, line: 9 },
      'a text that is no directive': { ...traced, isStrict: false, line: 7 },
      'of require()': { ...traced, isStrict: false, line: 5 },
      'with preloads of its own': { traces: false, isWorker: true, isStrict: false, line: 5 },
    });
  },
);
