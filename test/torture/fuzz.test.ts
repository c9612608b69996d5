// SPDX-License-Identifier: MIT
// The fuzzers with fixed seeds; `npm run torture -- fuzz` runs more.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runNode } from '../support/child.js';

const PROGRAM = fileURLToPath(new URL('../../torture/fuzz/program.mjs', import.meta.url));

for (const [target, count] of Object.entries({
  wire: 200,
  profile: 150,
  environment: 1000,
  http: 100,
  cli: 6,
})) {
  test(`${count} damaged inputs: ${target}`, async () => {
    const args = [PROGRAM, target, '--seed', '1', '--count', `${count}`];
    const { code, stderr } = await runNode(['--max-old-space-size=512', ...args]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
}
