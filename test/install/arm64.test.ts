// SPDX-License-Identifier: MIT
// The arm64 binaries, run by qemu's user mode emulation with the same package. Emulation is slow
// but gives the same figures; its speed means nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { lineOf } from '../support/line-of.js';
import { command } from './setup/command.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'test/fixtures/arm64.mjs');
// `npm run prebuilds` builds them, with the packages of `scripts/setup-debian.sh --cross`.
const isBuilt = existsSync(join(ROOT, 'prebuilds/linux-arm64'));
const nodes: { version: string; executable: string }[] = isBuilt
  ? ensureNodes({ arch: 'arm64' })
  : [];

const ask = (executable: string, name: string) => JSON.parse(command(executable, [PROGRAM, name]));

describe.runIf(isBuilt).each(nodes)('Node $version', ({ version, executable }) => {
  test('traces both domains by line', () => {
    const { tops, ...others } = ask(executable, 'traced');
    expect(others).toMatchObject({ arch: 'arm64', version: `v${version}`, precision: 'line' });
    expect(others.reason).toBe('');
    expect(tops).toMatchObject([
      { domain: 'heap', lineno: lineOf(PROGRAM, 'heap'), approximate: false },
      { domain: 'buffer', lineno: lineOf(PROGRAM, 'buffer'), approximate: false },
    ]);
    // 2,000 samples: a standard error of 2.2 %.
    for (const { size } of tops) expect(Math.abs(size / 8e6 - 1)).toBeLessThan(0.1);
  });

  test('starts and stops, at either precision', () => {
    const result = ask(executable, 'startedThrice');
    expect(result.tracing).toBe(false);
    expect(result.seen.map(([precision]: [string]) => precision)).toEqual([
      'line',
      'function',
      'line',
    ]);
    // 4.8 MB each, within four standard errors of 3 %.
    for (const [, megabytes] of result.seen) expect([4, 5]).toContain(megabytes);
  });
});
