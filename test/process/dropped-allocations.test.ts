// SPDX-License-Identifier: MIT
// Where V8's escape analysis drops an object, what is allocated after it is not reported at its line.
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { run } from '../support/child.js';
import { lineOf } from '../support/line-of.js';

const FIXTURE = new URL('../fixtures/dropped-allocations.cjs', import.meta.url);

describe.each([
  ['hot before tracing starts', [], []],
  ['hot before tracing starts, in Maglev', [], ['--no-turbofan']],
  ['hot while it runs', ['traced'], []],
  ['hot while it runs, in Maglev', ['traced'], ['--no-turbofan']],
])('%s', (_, argv, flags) => {
  test('the right line, or approximate', async () => {
    const args = ['--expose-gc', ...flags];
    const { code, stdout, stderr } = await run(FIXTURE, { args, argv });
    expect(code, stderr).toBe(0);
    const reported: Record<string, Record<string, number>> = JSON.parse(stdout);
    for (const [name, lines] of Object.entries(reported)) {
      const right = String(lineOf(fileURLToPath(FIXTURE), name));
      const exact = Object.keys(lines).filter((line) => !line.endsWith('approximate'));
      expect([right], name).toEqual(expect.arrayContaining(exact));
      expect(Object.keys(lines).length, name).toBeGreaterThan(0);
    }
  });
});
