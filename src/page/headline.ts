// SPDX-License-Identifier: MIT
// The headline: what grew or is held, by how much, at which site. It is made from the sites that the
// table shows, so the two agree.
import type { ReportData, SnapshotNote } from '../html/report-data.js';
import { formatDuration } from '../text/duration.js';
import { formatSize } from '../text/size.js';
import type { TimeSpan } from '../traces/allocation-time.js';
import { element } from './dom.js';
import { clock } from './scale.js';
import { byFigure, figureOf, type Key, nameOf, type PageSite, type Paths, sumOf } from './sites.js';
import { allocatorElement, placeElement } from './table.js';

/** The snapshots that a page is about. */
export interface Compared extends Pick<ReportData, 'now' | 'old' | 'diagnosis'> {
  /** Only what was allocated in it and lives; undefined: everything. */
  readonly span?: TimeSpan | undefined;
}

export interface ShownSites {
  readonly sites: readonly PageSite[];
  readonly key: Key;
  /** Which part of the memory these sites are, in words; empty: all. */
  readonly part: string;
}

export function headline(
  data: Compared,
  { sites, key, part }: ShownSites,
  paths: Paths,
): HTMLElement {
  const hasOld = data.old !== undefined;
  const [top] = [...sites].sort(byFigure(hasOld));
  return element(
    'header',
    { class: 'headline' },
    element('p', { class: 'product' }, 'tracemalloc'),
    element('h1', {}, ...title(data, sumOf(sites, hasOld)), part === '' ? '' : `, ${part}`),
    top !== undefined && figureOf(top, hasOld) > 0
      ? culprit(top, sites, key, paths, { hasOld, isGrowth: hasOld && data.span === undefined })
      : undefined,
    data.diagnosis === undefined ? undefined : element('p', {}, `${data.diagnosis}.`),
    notes(data),
  );
}

function title({ now, old, span }: Compared, total: number): (HTMLElement | string)[] {
  if (span !== undefined) {
    const size = element('strong', {}, formatSize(Math.max(0, total)));
    return [size, ` that was allocated from ${clock(span.since)} to ${clock(span.until)} lives`];
  }
  if (old === undefined) return [element('strong', {}, formatSize(total)), ' of live memory'];
  const elapsed = now.timestamp - old.timestamp;
  const over =
    now.timestamp > 0 && old.timestamp > 0 && elapsed > 0 ? ` in ${formatDuration(elapsed)}` : '';
  if (total === 0) return ['Live memory did not change', over];
  const size = element('strong', {}, formatSize(Math.abs(total)));
  return ['Live memory ', total < 0 ? 'shrank by ' : 'grew by ', size, over];
}

function culprit(
  top: PageSite,
  sites: readonly PageSite[],
  key: Key,
  paths: Paths,
  { hasOld, isGrowth }: { readonly hasOld: boolean; readonly isGrowth: boolean },
): HTMLElement {
  const shown = nameOf(top, key, paths);
  const { name } = shown;
  const figure = figureOf(top, hasOld);
  // The share of all growth, not of a sum that includes sites that shrank.
  const whole = sites.reduce((sum, site) => sum + Math.max(0, figureOf(site, hasOld)), 0);
  const share = `${Math.round((100 * figure) / whole)} %`;
  const source = key === 'line' || key === 'stack' ? top.frame.source : '';
  return element(
    'div',
    { class: 'culprit' },
    element(
      'p',
      {},
      element('strong', {}, `${share} of ${isGrowth ? 'the growth' : 'it'}`),
      `, ${formatSize(figure)}, ${isGrowth ? 'comes from' : 'is held by'} `,
      placeElement(shown),
      name === '' ? '' : ' in ',
      name === '' ? '' : element('code', {}, name),
      top.allocator === '' ? '' : ', allocated',
      allocatorElement(top),
    ),
    source === '' ? undefined : element('pre', {}, element('code', {}, source)),
  );
}

function notes({ now, old }: Compared): HTMLElement {
  const items = [now, ...(old === undefined ? [] : [old])].map((note) =>
    element('li', {}, describe(note)),
  );
  return element('ul', { class: 'notes' }, ...items);
}

function describe(note: SnapshotNote): string {
  const { source, timestamp, pid, threadId, nodeVersion } = note;
  const { precision, sampling, survivors, allocated } = note;
  return [
    source,
    timestamp > 0 ? new Date(timestamp).toLocaleString() : '',
    pid > 0 ? `pid ${pid}` : '',
    threadId > 0 ? `worker ${threadId}` : '',
    nodeVersion === '' ? '' : `Node ${nodeVersion}`,
    precision === 'line' ? '' : 'function precision: lines are those of the function',
    survivors ? 'only what had survived a garbage collection' : '',
    allocated,
    sampling,
  ]
    .filter((fact) => fact !== '')
    .join(' · ');
}
