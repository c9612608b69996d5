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
  // As --stress-inline, but with an end: that compiles some functions for minutes, and a process
  // waits for its compilers.
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

// Node 22 has none of its own messages where there is no WebAssembly.
const WORKS = `
  const { BroadcastChannel } = require('node:worker_threads');
  const [from, to] = [new BroadcastChannel('x'), new BroadcastChannel('x')];
  to.onmessage = () => { from.close(); to.close(); };
  from.postMessage(1);
`;

/** The modes that this Node accepts, and works in. */
export function modesOf(executable) {
  return MODES.filter(
    (flags) => spawnSync(executable, [...flags, '--eval', WORKS], { timeout: 60_000 }).status === 0,
  );
}
