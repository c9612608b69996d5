// SPDX-License-Identifier: MIT
// The lines of code in the error of a failing test.

import type { SumKind } from '../report/groupings.js';
import { nameOf } from '../report/message.js';
import { plainName } from '../text/plain-text.js';
import { formatCount, formatSize } from '../text/size.js';

/** A place in the code, as errors of `tracemalloc/testing` name it. */
export interface MemoryLine {
  /** `file:line` of the innermost line of one's own code; of a sum the module or the class. */
  readonly site: string;
  /** Empty: none, or unknown. */
  readonly function: string;
  /** What allocated most there (of what grew), if not the line itself but what it called. */
  readonly allocator?: string;
  /** Live bytes at the end. */
  readonly size: number;
  /** Live allocations at the end. */
  readonly count: number;
}

/** A line that holds more after each block of runs. */
export interface GrownLine extends MemoryLine {
  /** `heap`, `buffer`, or a domain of `track()`. */
  readonly domain: string;
  /** If it is a sum over several lines. */
  readonly sum?: SumKind;
  /** Bytes, on average. */
  readonly bytesPerRun: number;
  /** Allocations, on average. */
  readonly countPerRun: number;
  /** Types of its objects of which more is alive, what grew most first, five at most. */
  readonly types: readonly string[];
  /** Lines of one's own code that called it, the innermost first, three at most. */
  readonly callers: readonly string[];
  /** What keeps its objects alive, as a tree, where that could be found. */
  readonly heldBy?: string;
}

/** A line that allocated in a test that needed too much memory. */
export interface HeavyLine extends MemoryLine {
  /** Bytes allocated while the body ran, collected or not. */
  readonly allocatedSize: number;
  /** Allocations meanwhile. */
  readonly allocatedCount: number;
}

/** `file.js:6 (fill): size=190 KiB (+1632 B a run), count=120 (+1.0 a run)`. */
export function grownText(line: GrownLine): string[] {
  const size = `size=${formatSize(line.size)} (${formatSize(line.bytesPerRun, { signed: true })} a run)`;
  const count = `count=${formatCount(line.count)} (${line.countPerRun < 0 ? '' : '+'}${line.countPerRun.toFixed(1)} a run)`;
  const types = line.types.map((type) => plainName(type)).join(', ');
  const domain = line.domain === 'heap' ? '' : `, in ${plainName(line.domain)}`;
  return [
    `  ${nameOf(line)}: ${size}, ${count}${domain}${types === '' ? '' : `: ${types}`}`,
    ...line.callers.map((caller) => `    called by ${plainName(caller)}`),
    ...(line.heldBy === undefined
      ? []
      : ['    held by', ...line.heldBy.split('\n').map((text) => `      ${text}`)]),
  ];
}

/** `file.js:6 (fill): allocated=80.1 MiB, size=190 KiB, count=120`. */
export function heavyText(line: HeavyLine): string {
  const { allocatedSize, size, count } = line;
  return `  ${nameOf(line)}: allocated=${formatSize(allocatedSize)}, size=${formatSize(size)}, count=${formatCount(count)}`;
}
