// SPDX-License-Identifier: MIT
// Loading a large profile, in a process whose heap could not hold all its samples decoded.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';
import { largeProfile } from '../support/large-profile.mjs';

test('a profile loads in a heap of twelve times its size', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-load-'));
  try {
    const path = join(directory, 'large.pb');
    writeFileSync(path, largeProfile(5_000_000));
    const seen = await evaluate<{ traces: number; depth: number }>(
      `const { traces } = await tracemalloc.Snapshot.load(${JSON.stringify(path)});
      report({ traces: traces.length, depth: traces[0].traceback.length });`,
      { args: ['--max-old-space-size=60'] },
    );
    expect(seen.traces).toBeGreaterThan(90_000);
    expect(seen.depth).toBe(16);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
