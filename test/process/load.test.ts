// SPDX-License-Identifier: MIT
// Loading a large profile: the peak of the whole process's memory, as the kernel reports it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';
import { largeProfile } from '../support/large-profile.mjs';

const SIZE = 15_000_000;

test('a profile of 300,000 stacks needs a few times its size', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-load-'));
  try {
    const path = join(directory, 'large.pb');
    writeFileSync(path, largeProfile(SIZE));
    const seen = await evaluate(
      async ({ tracemalloc, given: { path } }) => {
        const { readFileSync } = await import('node:fs');
        const status = () => readFileSync('/proc/self/status', 'utf8');
        const peak = () => 1024 * Number(/VmHWM:\s*(\d+)/.exec(status())![1]);
        const idle = peak();
        const snapshot = await tracemalloc.Snapshot.load(path);
        const lines = snapshot.statistics('lineno').length;
        return { lines, bytes: peak() - idle };
      },
      { given: { path } },
    );
    expect(seen.lines).toBe(5000);
    // The young generation of V8's heap adds about 50 MB, however small the file is.
    expect(seen.bytes).toBeLessThan(5 * SIZE + 64e6);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
