// SPDX-License-Identifier: MIT
// Which thread this is. `node:worker_threads` knows, but loading it in a main thread that does not
// use it loads all of Node's streams: 6 ms, and a quarter of a megabyte of heap.
const { readlinkSync } = process.getBuiltinModule('node:fs');

/** As `worker_threads.threadId`; 0 is the main thread. */
export const threadId: number = isFirstThread()
  ? 0
  : process.getBuiltinModule('node:worker_threads').threadId;

// A worker is never the thread with which the process began; the main thread always is, except in
// programs that embed Node.
function isFirstThread(): boolean {
  try {
    return readlinkSync('/proc/thread-self') === `${process.pid}/task/${process.pid}`;
  } catch {
    return false; // not Linux
  }
}
