// SPDX-License-Identifier: MIT
// Flags with which V8 collects, compiles and discards code at unusual moments. A row is one mode;
// not every V8 version has all of them.
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
  // Like --stress-inline, but limited: that one compiles some functions for minutes, and a process
  // waits for its compilers before it ends.
  [
    '--max-inlined-bytecode-size=4000',
    '--max-inlined-bytecode-size-cumulative=8000',
    '--min-inlining-frequency=0',
    '--gc-interval=5000',
  ],
  ['--deopt-every-n-times=300'],
  ['--stress-flush-code'],
  ['--stress-lazy-source-positions'],
  ['--interpreted-frames-native-stack'],
  ['--no-opt', '--no-maglev'],
  ['--no-inline-new'],
  ['--lite-mode'],
  ['--jitless'],
];

// Node 22's BroadcastChannel does not work without WebAssembly.
const WORKS = `
  const { BroadcastChannel } = require('node:worker_threads');
  const [from, to] = [new BroadcastChannel('x'), new BroadcastChannel('x')];
  to.onmessage = () => { from.close(); to.close(); };
  from.postMessage(1);
`;

/** The modes that this Node accepts and works in. */
export function modesOf(executable) {
  return MODES.filter(
    (flags) => spawnSync(executable, [...flags, '--eval', WORKS], { timeout: 60_000 }).status === 0,
  );
}
