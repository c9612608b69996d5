// SPDX-License-Identifier: MIT
// File systems and pipes that fail, each fault once; `npm run torture -- faults` runs more.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import * as faults from '../../torture/faults/cases.mjs';
import { Random } from '../../torture/random.mjs';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-faults-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.each(Object.entries(faults))('%s', async (_, inject) => {
  await inject({ executable: process.execPath, directory, random: new Random(1) });
});
