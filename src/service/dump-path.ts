// SPDX-License-Identifier: MIT
import type { Snapshot } from '../snapshot/snapshot.js';

const { join } = process.getBuiltinModule('node:path');

/**
 * Where a snapshot goes in a directory of many, of several processes and threads; by name, they are
 * in the order of time. The twin in native/v8/heap/heap_limit.cc names the last one.
 */
export function dumpPath(directory: string, { timestamp, process }: Snapshot): string {
  const time = new Date(timestamp).toISOString().replaceAll(':', '-');
  return join(directory, `tracemalloc-${time}-${process.pid}-${process.threadId}.pb.gz`);
}
