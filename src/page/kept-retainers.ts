// SPDX-License-Identifier: MIT
// What a dump has kept of searches for what holds the objects of lines.
import type { KeptRetainers, SiteRetainers } from '../text/retainers-text.js';
import type { RetainersSource } from './holders.js';

export function keptRetainers(kept: readonly KeptRetainers[]): RetainersSource {
  const of = (lines: readonly string[]) => kept.filter(({ site }) => lines.includes(site));
  return {
    knows: (lines) => of(lines).length > 0,
    noteOn: (site: SiteRetainers) => {
      const found = kept.find((one) => one === site);
      return found === undefined ? '' : ` on ${new Date(found.time).toLocaleString()}`;
    },
    ask: async (lines) => of(lines),
  };
}
