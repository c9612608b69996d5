// SPDX-License-Identifier: MIT
// Adds functions and lines to the addon's addresses in a sanitizer's report.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './compile-addon.mjs';

const SOURCE = String.raw`\((?:[^)]*/)?tracemalloc\.abi(\d+)\.glibc\.node\+(0x[0-9a-f]+)\)`;

/** A stack frame in the addon: its ABI, and the offset in the binary. */
export const ADDON_FRAME = new RegExp(SOURCE);

/** The report with function names, from the unstripped build, if there is one. */
export function withNames(report) {
  return report.replaceAll(new RegExp(SOURCE, 'g'), (frame, abi, offset) => {
    const built = join(ROOT, `build/abi${abi}/build/Release/tracemalloc.node`);
    const named = spawnSync('addr2line', ['-Cfse', built, offset], { encoding: 'utf8' });
    return named.status === 0 ? named.stdout.trim().replaceAll('\n', ' ') : frame;
  });
}
