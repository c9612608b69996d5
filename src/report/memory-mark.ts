// SPDX-License-Identifier: MIT
// A report that is written because the process is near a limit of its memory.
import { formatSize } from '../text/size.js';
import type { Report } from './report.js';

/** A mark below a limit of the process's memory, which was passed. */
export interface MemoryMark {
  /** Percent of the limit. */
  readonly percent: number;
  /** Bytes that the kernel counts against the limit and can't take back, at that moment. */
  readonly used: number;
  /** Bytes. */
  readonly limit: number;
}

/** The same report, as of the event `memory-limit`. */
export function withMark(report: Report, { percent, used, limit }: MemoryMark): Report {
  const reason =
    `tracemalloc: ${percent} % of the memory limit of ${formatSize(limit)} passed: ` +
    `used ${formatSize(used)}; `;
  return {
    ...report,
    level: 'error',
    event: 'memory-limit',
    msg: report.msg.replace('tracemalloc: ', reason),
    percent,
    memoryUsed: used,
    memoryLimit: limit,
  };
}
