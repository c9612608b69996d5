// SPDX-License-Identifier: MIT
// The machine that tests run for: this one, or with TRACEMALLOC_TEST_ARCH another one, emulated.
import { join } from 'node:path';
import { buildDirectory } from '../../scripts/compile-addon.mjs';

export const ARCH = process.env['TRACEMALLOC_TEST_ARCH'] || process.arch;
const isEmulated = ARCH !== process.arch;

/** How many times as long as on this machine a child process may take. */
export const PATIENCE = isEmulated ? 60 : 1;

/** The test-only addon. */
export const PROBE = join(
  buildDirectory(ARCH, process.versions.modules),
  'build/Release/tracemalloc_probe.node',
);
