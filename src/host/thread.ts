// SPDX-License-Identifier: MIT
// Which thread this is. `node:worker_threads` knows, but in a main thread that has no use for it yet
// it brings all of Node's streams along: 6 ms, and a quarter of a megabyte of heap.
const { readlinkSync } = process.getBuiltinModule('node:fs');

/** As `worker_threads.threadId`; 0 is the main thread. */
export const threadId: number = isFirstThread()
  ? 0
  : process.getBuiltinModule('node:worker_threads').threadId;

// Node's workers never are the thread that the process began with; its main thread is, but in
// programs that embed Node.
function isFirstThread(): boolean {
  try {
    return readlinkSync('/proc/thread-self') === `${process.pid}/task/${process.pid}`;
  } catch {
    return false; // not Linux
  }
}
