// SPDX-License-Identifier: MIT
// The arm64 binaries, run by qemu's user mode emulation with the same package. Slow, not exact: the
// figures are the same as anywhere, speed says nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { command } from './setup/command.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EMULATOR = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'] as const;
// `npm run prebuilds` makes them, with the packages of `scripts/setup-debian.sh --cross`.
const isBuilt = existsSync(join(ROOT, 'prebuilds/linux-arm64'));
const nodes: { version: string; executable: string }[] = isBuilt
  ? ensureNodes({ arch: 'arm64' })
  : [];

function evaluate(executable: string, body: string) {
  const script = `import * as tracemalloc from ${JSON.stringify(join(ROOT, 'dist/index.js'))};${body}`;
  const [program, ...args] = EMULATOR;
  return JSON.parse(
    command(program, [...args, executable, '--input-type=module', '--eval', script]),
  );
}

describe.runIf(isBuilt).each(nodes)('Node $version', ({ version, executable }) => {
  test('traces by function, and says why not by line', () => {
    const result = evaluate(
      executable,
      `tracemalloc.start({ sampleInterval: 4096 });
      const kept = [];
      function keep() { for (let i = 0; i < 1000; i++) kept.push(new Array(1000).fill(i)); }
      keep();
      const [top] = tracemalloc.takeSnapshot().statistics('function');
      const { engine, precision, reason } = tracemalloc.status();
      const name = top.traceback.frames.at(-1).functionName;
      console.log(JSON.stringify({ arch: process.arch, version: process.version, engine, precision, reason, name, size: top.size, kept: kept.length }));`,
    );
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
    const result = evaluate(
      executable,
      `const kept = [];
      const seen = [];
      for (let round = 0; round < 3; round++) {
        tracemalloc.start({ sampleInterval: 4096 });
        for (let i = 0; i < 200; i++) kept.push(new Array(1000).fill(i));
        const before = tracemalloc.takeSnapshot();
        for (let i = 0; i < 600; i++) kept.push(new Array(1000).fill(i));
        const [change] = tracemalloc.takeSnapshot().compareTo(before, 'function');
        seen.push(Math.round(change.sizeDiff / 1e6));
        tracemalloc.stop();
      }
      let code;
      try { tracemalloc.start({ precision: 'line' }); } catch (error) { code = error.code; }
      console.log(JSON.stringify({ seen, code, tracing: tracemalloc.isTracing() }));`,
    );
    expect(result.code).toBe('ERR_UNSUPPORTED_PLATFORM');
    expect(result.tracing).toBe(false);
    expect(result.seen).toHaveLength(3);
    // 4.8 MB each, within four standard errors of 3 %.
    for (const megabytes of result.seen) expect([4, 5]).toContain(megabytes);
  });
});
