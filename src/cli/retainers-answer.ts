// SPDX-License-Identifier: MIT
// Reads what a service answers to the question what holds objects. It may be another program, or
// malicious: nothing else than such an answer is accepted, and its texts are escaped.
import type { RetainersAnswer } from '../html/live-data.js';
import { plainName } from '../text/plain-text.js';
import type { RetainerPathText, SiteRetainers } from '../text/retainer-tree.js';

const ENDS: readonly unknown[] = ['complete', 'timeout', 'memory'] satisfies SiteRetainers['end'][];

const FIGURES = [
  ...(['size', 'liveSamples', 'samples', 'unheld', 'changed'] as const),
  ...(['duration', 'blocked'] as const),
] satisfies readonly (keyof SiteRetainers)[];

/** Undefined: this is no such answer. */
export function parseRetainers(body: string): RetainersAnswer | undefined {
  try {
    const { name, version, pid, threadId, time, sites } = JSON.parse(body) as RetainersAnswer;
    if (name !== 'tracemalloc retainers' || version !== 1) return undefined;
    const isSound =
      [pid, threadId].every(Number.isFinite) && typeof time === 'string' && sites.every(isSite);
    if (!isSound) return undefined;
    return { name, version, pid, threadId, time: plainName(time), sites: sites.map(plainSite) };
  } catch {
    return undefined;
  }
}

function isSite(site: SiteRetainers): boolean {
  return (
    typeof site.site === 'string' &&
    FIGURES.every((key) => Number.isFinite(site[key])) &&
    ENDS.includes(site.end) &&
    site.paths.every(isPath)
  );
}

function isPath({ count, steps }: RetainerPathText): boolean {
  return Number.isFinite(count) && steps.every((step) => typeof step === 'string');
}

function plainSite({ site, end, paths, ...others }: SiteRetainers): SiteRetainers {
  const { size, liveSamples, samples, unheld, changed, duration, blocked } = others;
  const plainPaths = paths.map(({ count, steps }) => ({
    count,
    steps: steps.map((step) => plainName(step)),
  }));
  const figures = { size, liveSamples, samples, unheld, changed, duration, blocked };
  return { site: plainName(site), ...figures, end, paths: plainPaths };
}
