// SPDX-License-Identifier: MIT
// Flags with which V8 collects, compiles and throws away code at other moments than usual. A row
// is one mode; V8 versions differ in which of them they know.
import { spawnSync } from 'node:child_process';

const MODES = [
  [],
  [],
  ['--gc-interval=500'],
  ['--random-gc-interval=300'],
  ['--stress-compaction', '--gc-interval=2000'],
  ['--stress-scavenge=80'],
  ['--stress-incremental-marking'],
  ['--stress-marking=80'],
  ['--stress-concurrent-allocation'],
  ['--max-semi-space-size=1', '--no-lazy-feedback-allocation'],
  ['--minor-ms'],
  ['--conservative-stack-scanning'],
  ['--single-threaded'],
  ['--always-sparkplug', '--no-lazy-feedback-allocation'],
  ['--always-turbofan'],
  ['--maglev', '--stress-maglev'],
  ['--maglev-future'],
  ['--turbolev'],
  ['--always-osr'],
  ['--stress-inline', '--gc-interval=5000'],
  ['--deopt-every-n-times=300'],
  ['--stress-flush-code'],
  ['--stress-lazy-source-positions'],
  ['--interpreted-frames-native-stack'],
  ['--no-opt', '--no-maglev'],
  ['--no-inline-new'],
  ['--lite-mode'],
  ['--jitless'],
];

/** The modes that this Node accepts. */
export function modesOf(executable) {
  return MODES.filter(
    (flags) => spawnSync(executable, [...flags, '--eval', '0'], { timeout: 60_000 }).status === 0,
  );
}
