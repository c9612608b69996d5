// SPDX-License-Identifier: MIT
// The entry `tracemalloc/testing`: tests that fail when memory grows, or when too much is needed.
// Works with any runner, and needs none.
export type { ErrorCode } from '../errors.js';
export { TracemallocError } from '../errors.js';
export { MemoryGrowthError, MemoryLimitError } from './errors.js';
export { expectNoGrowth, type NoGrowthOptions } from './expect-no-growth.js';
export { type LimitOptions, limitMemory } from './limit-memory.js';
export type { GrownLine, HeavyLine, MemoryLine } from './lines.js';
export {
  type MatcherContext,
  type MatcherResult,
  type MemoryMatchers,
  matchers,
} from './matchers.js';
export type { Body } from './session.js';
export type { SummaryOptions } from './summary.js';
