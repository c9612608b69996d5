// SPDX-License-Identifier: MIT
import type { Snapshot } from '../snapshot/snapshot.js';

const { join } = process.getBuiltinModule('node:path');

/**
 * The path of a dump in a directory with those of several processes and threads; ordered by name,
 * they are ordered by time. The twin in native/v8/heap/heap_limit.cc names the last dump.
 */
export function dumpPath(directory: string, { timestamp, process }: Snapshot): string {
  const time = new Date(timestamp).toISOString().replaceAll(':', '-');
  return join(directory, `tracemalloc-${time}-${process.pid}-${process.threadId}.pb.gz`);
}
