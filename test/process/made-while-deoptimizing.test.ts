// SPDX-License-Identifier: MIT
// An object that optimized code avoids until V8 deoptimizes that code: V8 allocates it then,
// wherever the program is at that time.
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/made-while-deoptimizing.mjs', import.meta.url);

interface Told {
  right: number;
  told: number;
  approximate: boolean;
}

test('an object allocated by a deoptimization is not reported as exact at another line', async () => {
  const args = ['--expose-gc', '--allow-natives-syntax'];
  const { code, stdout, stderr } = await run(FIXTURE, { args });
  expect(code, stderr).toBe(0);
  const { right, told, approximate } = JSON.parse(stdout) as Told;
  if (!approximate) expect(told).toBe(right);
});
