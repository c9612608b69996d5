// SPDX-License-Identifier: MIT
// A report in one sentence, and how its sites are named in it.
import { plainName } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import type { Report, ReportSite, ReportSuspect } from './report.js';

/** Suspects that the message names. */
const NAMED = 3;

/** Characters of a name: a message is one line of a log. */
const LONGEST = 160;

type Told = Pick<
  Report,
  'pid' | 'threadId' | 'rss' | 'heapUsed' | 'traced' | 'tracedPeak' | 'suspects'
>;

/** The sites that have grown most. */
export interface Growers {
  readonly sinceStart: ReportSite | undefined;
  readonly sinceLast: ReportSite | undefined;
}

export function formatMessage(report: Told, growers: Growers): string {
  const thread = report.threadId === 0 ? '' : `, thread ${report.threadId}`;
  return (
    `tracemalloc: rss ${formatSize(report.rss)}, heap ${formatSize(report.heapUsed)}, ` +
    `traced ${formatSize(report.traced)} (peak ${formatSize(report.tracedPeak)}), ` +
    `pid ${report.pid}${thread}; ${growthOf(growers)}${suspectsOf(report.suspects)}`
  );
}

function growthOf({ sinceStart, sinceLast }: Growers): string {
  const told = [
    { site: sinceStart, growth: sinceStart?.sizeDiffSinceStart, since: 'since start' },
    { site: sinceLast, growth: sinceLast?.sizeDiff, since: 'since the last report' },
  ].flatMap(({ site, growth = 0, since }) =>
    site
      ? [{ place: nameOf(site, LONGEST), growth: formatSize(growth, { signed: true }), since }]
      : [],
  );
  const [first, second] = told;
  if (first === undefined) return 'nothing has grown';
  const isSame = first.place === second?.place;
  if (isSame && first.growth === second.growth) {
    return `most growth: ${first.growth} at ${first.place}`;
  }
  const parts = told.map(({ place, growth, since }, i) =>
    isSame && i === 0 ? `${growth} ${since}` : `${growth} ${since} at ${place}`,
  );
  return `most growth: ${parts.join(', ')}`;
}

function suspectsOf(suspects: readonly ReportSuspect[]): string {
  if (suspects.length === 0) return '';
  const named = suspects
    .slice(0, NAMED)
    .map((suspect) => `${nameOf(suspect, LONGEST)} ${paceOf(suspect)}`);
  const others = suspects.length > NAMED ? [`and ${suspects.length - NAMED} more`] : [];
  return `; suspects: ${[...named, ...others].join(', ')}`;
}

const SUMMED = {
  line: ' with all that it calls',
  module: ', all lines',
  type: ' objects, all lines',
};

type NamedRow = Pick<ReportSite, 'site' | 'function' | 'allocator'> & Pick<ReportSuspect, 'sum'>;

/** Its place, its function and what allocated for it, without hidden characters. */
export function nameOf(row: NamedRow, longest?: number): string {
  const place = plainName(row.site, longest);
  const name = row.function ? ` (${plainName(row.function, longest)})` : '';
  const allocator = row.allocator ? ` in ${plainName(row.allocator, longest)}` : '';
  const sum = row.sum ? SUMMED[row.sum] : '';
  return `${place}${name}${allocator}${sum}`;
}

/** How fast a suspect grows. */
export function paceOf({ state, bytesPerHour }: ReportSuspect): string {
  const speed = `${formatSize(bytesPerHour, { signed: true })} an hour`;
  return state === 'growing' ? `growing by ${speed}` : `flat now; it grew by ${speed}`;
}
