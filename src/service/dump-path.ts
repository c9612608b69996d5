// SPDX-License-Identifier: MIT
import { shown, TracemallocError } from '../errors.js';
import type { Snapshot } from '../snapshot/snapshot.js';

const { join, resolve } = process.getBuiltinModule('node:path');

/**
 * The path of a dump in a directory with those of several processes and threads; ordered by name,
 * they are ordered by time. The twin in native/v8/heap/heap_limit.cc names the last dump.
 */
export function dumpPath(directory: string, { timestamp, process }: Snapshot): string {
  const time = new Date(timestamp).toISOString().replaceAll(':', '-');
  return join(directory, `tracemalloc-${time}-${process.pid}-${process.threadId}.pb.gz`);
}

/**
 * The directory for dumps as a whole path, whatever the working directory will be.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function checkDirectory(directory: unknown): string {
  if (typeof directory === 'string' && directory !== '') return resolve(directory);
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `directory must be a path, not ${shown(directory)}`,
  );
}
