// SPDX-License-Identifier: MIT
// How memory was sampled: the interval, which may have been tuned, and what that cost.
import { formatSize } from '../text/size.js';

/** How a thread is sampled; since `start()`. */
export interface Sampling {
  /** Whether the interval is tuned: `sampleInterval: 'auto'`. */
  readonly isSelfTuning: boolean;
  /** The least mean bytes between samples. */
  readonly finest: number;
  /** The most. */
  readonly coarsest: number;
  /** The mean number. */
  readonly samplesPerSecond: number;
  /**
   * What samples took of the thread's CPU time, from 0 to 1: an estimate from measured samples, and
   * a constant for what V8 does.
   */
  readonly cpuShare: number;
}

/** The sampling of several threads together: the sum of their samples, the worst of all else. */
export function mergeSampling(all: readonly Sampling[]): Sampling | undefined {
  if (all.length === 0) return undefined;
  return {
    isSelfTuning: all.some(({ isSelfTuning }) => isSelfTuning),
    finest: Math.min(...all.map(({ finest }) => finest)),
    coarsest: Math.max(...all.map(({ coarsest }) => coarsest)),
    samplesPerSecond: all.reduce((sum, { samplesPerSecond }) => sum + samplesPerSecond, 0),
    cpuShare: Math.max(...all.map(({ cpuShare }) => cpuShare)),
  };
}

/** `a sample every 24 KiB, 0.4 % of CPU`; empty if the interval is unknown. */
export function samplingText(facts: {
  sampleInterval: number;
  cpuShare?: number | undefined;
}): string {
  const { sampleInterval, cpuShare } = facts;
  if (sampleInterval <= 0) return '';
  const every =
    sampleInterval <= 1
      ? 'every allocation sampled'
      : `a sample every ${formatSize(sampleInterval)}`;
  if (cpuShare === undefined) return every;
  const percent = 100 * cpuShare;
  return `${every}, ${percent < 0.1 ? 'below 0.1' : percent.toFixed(1)} % of CPU`;
}
