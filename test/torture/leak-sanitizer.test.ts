// SPDX-License-Identifier: MIT
// The addon under LeakSanitizer, each case once; `npm run torture -- leaks` runs more.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import { CASES } from '../../torture/leaks.mjs';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-leaks-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.each(Object.entries(CASES))('nothing leaks: %s', async (_, check) => {
  await check({ executable: process.execPath, seed: 1, directory });
});
