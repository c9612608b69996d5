// SPDX-License-Identifier: MIT
// Reads what a service answers to the question what holds objects. It may be another program, or
// malicious: nothing else than such an answer is accepted, and its texts are escaped.
import type { FoundRetainers, RetainersAnswer } from '../html/live-data.js';
import { plainName } from '../text/plain-text.js';
import { isSiteRetainers, plainSiteRetainers } from '../text/retainers-text.js';

/** Undefined: this is no such answer. */
export function parseRetainers(body: string): RetainersAnswer | undefined {
  try {
    const { name, version, pid, threadId, time, sites } = JSON.parse(body) as RetainersAnswer;
    const isSound =
      name === 'tracemalloc retainers' &&
      version === 1 &&
      [pid, threadId].every(Number.isFinite) &&
      typeof time === 'string' &&
      sites.every(isFound);
    if (!isSound) return undefined;
    return { name, version, pid, threadId, time: plainName(time), sites: sites.map(plainFound) };
  } catch {
    return undefined;
  }
}

function isFound(site: FoundRetainers): boolean {
  return isSiteRetainers(site) && [site.duration, site.blocked].every(Number.isFinite);
}

function plainFound(site: FoundRetainers): FoundRetainers {
  const { duration, blocked } = site;
  return { ...plainSiteRetainers(site), duration, blocked };
}
