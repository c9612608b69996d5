// SPDX-License-Identifier: MIT
// Matchers for `expect.extend()` of vitest and Jest, which are the same for both.
import { formatSize } from '../text/size.js';
import { callerOf } from './caller.js';
import { growthOf, type NoGrowthOptions } from './expect-no-growth.js';
import { type LimitOptions, measured } from './limit-memory.js';
import type { Body } from './session.js';

/** What test runners pass to a matcher; these use the name of the test and whether it is `.not`. */
export interface MatcherContext {
  /** The name of the test that runs. */
  readonly currentTestName?: string | undefined;
  /** It was called by `.not`. */
  readonly isNot?: boolean | undefined;
}

/** What a matcher returns to its runner. */
export interface MatcherResult {
  /** Whether it matches. */
  readonly pass: boolean;
  /** Why it failed. */
  readonly message: () => string;
}

/** The matchers as methods of what `expect(fn)` returns, to declare them in TypeScript. */
export interface MemoryMatchers<R = Promise<void>> {
  /** As {@link expectNoGrowth}; to be awaited. */
  toHaveNoGrowth(options?: NoGrowthOptions): R;
  /** As {@link limitMemory}; to be awaited. */
  toStayWithin(limit: number | string, options?: LimitOptions): R;
}

/** `.not` fails if the matcher passes. */
const summaryOf = <T extends LimitOptions>(options: T, { isNot }: MatcherContext): T =>
  isNot ? { ...options, summary: false } : options;

/**
 * For `expect.extend(matchers)` of vitest, Jest and others that take Jest's matchers:
 * `await expect(fn).toHaveNoGrowth(options)` and `await expect(fn).toStayWithin('50 MB')`.
 */
export const matchers = {
  /** As {@link expectNoGrowth}. */
  async toHaveNoGrowth(
    this: MatcherContext,
    body: Body,
    options: NoGrowthOptions = {},
  ): Promise<MatcherResult> {
    const at = { caller: callerOf(matchers.toHaveNoGrowth), name: this.currentTestName };
    const error = await growthOf(body, summaryOf(options, this), at);
    return {
      pass: error === undefined,
      message: () => error?.message ?? 'memory was expected to grow, and no line holds more',
    };
  },
  /** As {@link limitMemory}. */
  async toStayWithin(
    this: MatcherContext,
    body: Body,
    limit: number | string,
    options: LimitOptions = {},
  ): Promise<MatcherResult> {
    const at = { caller: callerOf(matchers.toStayWithin), name: this.currentTestName };
    const { error, peak } = await measured(limit, body, summaryOf(options, this), at);
    return {
      pass: error === undefined,
      message: () =>
        error?.message ??
        `more memory than ${limit} was expected, and no more than ${formatSize(peak)} was live at once`,
    };
  },
};
