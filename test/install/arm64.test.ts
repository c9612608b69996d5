// SPDX-License-Identifier: MIT
// The arm64 binaries, run by qemu's user mode emulation with the same package. Emulation is slow
// but gives the same figures; its speed means nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { command } from './setup/command.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'test/fixtures/arm64.mjs');
const EMULATOR = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'] as const;
// `npm run prebuilds` builds them, with the packages of `scripts/setup-debian.sh --cross`.
const isBuilt = existsSync(join(ROOT, 'prebuilds/linux-arm64'));
const nodes: { version: string; executable: string }[] = isBuilt
  ? ensureNodes({ arch: 'arm64' })
  : [];

function ask(executable: string, name: string) {
  const [program, ...args] = EMULATOR;
  return JSON.parse(command(program, [...args, executable, PROGRAM, name]));
}

describe.runIf(isBuilt).each(nodes)('Node $version', ({ version, executable }) => {
  test('traces by function, and says why not by line', () => {
    const result = ask(executable, 'tracedByFunction');
    expect(result).toMatchObject({
      arch: 'arm64',
      version: `v${version}`,
      engine: 'public-sampler',
      precision: 'function',
      name: 'keep',
    });
    expect(result.reason).toContain('x64');
    // 2,000 samples: a standard error of 2.2 %.
    expect(Math.abs(result.size / 8e6 - 1)).toBeLessThan(0.1);
  });

  test('snapshots over the wire, twice, and start and stop again', () => {
    const result = ask(executable, 'startedThrice');
    expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
    expect(result.tracing).toBe(false);
    expect(result.seen).toHaveLength(3);
    // 4.8 MB each, within four standard errors of 3 %.
    for (const megabytes of result.seen) expect([4, 5]).toContain(megabytes);
  });
});
