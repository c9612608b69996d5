// SPDX-License-Identifier: MIT
// The headline: what grew or is held, by how much, on which line.
import type { MemoryRow, ReportData, SnapshotNote } from '../html/report-data.js';
import { formatSize } from '../text/size.js';
import { element } from './dom.js';
import type { PageTrace } from './model.js';
import { nameOf, type PageSite, type Paths, sitesOf } from './sites.js';
import { placeElement } from './table.js';

type Compared = Pick<ReportData, 'now' | 'old' | 'diagnosis'>;

export function headline(data: Compared, traces: readonly PageTrace[], paths: Paths): HTMLElement {
  const hasOld = data.old !== undefined;
  const figure = (site: PageSite) => (hasOld ? site.sizeDiff : site.size);
  const sites = sitesOf(traces, { key: 'line', charge: 'own', hasOld });
  const [top] = sites.sort((a, b) => figure(b) - figure(a));
  const total = sites.reduce((sum, site) => sum + figure(site), 0);
  return element(
    'header',
    { class: 'headline' },
    element('p', { class: 'product' }, 'tracemalloc'),
    element('h1', {}, ...title(data, total)),
    top !== undefined && figure(top) > 0
      ? culprit(top, figure(top), data, sites, paths)
      : undefined,
    data.diagnosis === undefined ? undefined : element('p', {}, `${data.diagnosis}.`),
    notes(data),
  );
}

function title({ now, old }: Compared, total: number): (HTMLElement | string)[] {
  if (old === undefined) return [element('strong', {}, formatSize(total)), ' of live memory'];
  const elapsed = now.timestamp - old.timestamp;
  const over =
    now.timestamp > 0 && old.timestamp > 0 && elapsed > 0 ? ` in ${duration(elapsed)}` : '';
  const size = element('strong', {}, formatSize(Math.abs(total)));
  return ['Live memory ', total < 0 ? 'shrank by ' : 'grew by ', size, over];
}

function culprit(
  top: PageSite,
  figure: number,
  { old }: Compared,
  sites: readonly PageSite[],
  paths: Paths,
): HTMLElement {
  const { place, name } = nameOf(top, 'line', paths);
  // The share of all growth, not of a sum that includes sites that shrank.
  const whole = sites.reduce(
    (sum, site) => sum + Math.max(0, old === undefined ? site.size : site.sizeDiff),
    0,
  );
  const share = `${Math.round((100 * figure) / whole)} %`;
  return element(
    'div',
    { class: 'culprit' },
    element(
      'p',
      {},
      element('strong', {}, `${share} of ${old === undefined ? 'it' : 'the growth'}`),
      `, ${formatSize(figure)}, ${old === undefined ? 'is held by' : 'comes from'} `,
      placeElement(place),
      name === '' ? '' : ' in ',
      name === '' ? '' : element('code', {}, name),
    ),
    top.frame.source === '' ? undefined : element('pre', {}, element('code', {}, top.frame.source)),
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
  const { precision, sampleInterval, survivors } = note;
  return [
    source,
    timestamp > 0 ? new Date(timestamp).toLocaleString() : '',
    pid > 0 ? `pid ${pid}` : '',
    threadId > 0 ? `worker ${threadId}` : '',
    nodeVersion === '' ? '' : `Node ${nodeVersion}`,
    precision === 'line' ? '' : 'function precision: lines are those of the function',
    survivors ? 'only what had survived a garbage collection' : '',
    sampleInterval > 1 ? `one sample per ${formatSize(sampleInterval)}` : '',
  ]
    .filter((fact) => fact !== '')
    .join(' · ');
}

/** Bars of the process's memory, the older reading as a mark on each. */
export function memoryBars(rows: readonly MemoryRow[]): HTMLElement | undefined {
  if (rows.length === 0) return undefined;
  const shown = rows.filter(({ bytes, old = 0 }) => bytes !== 0 || old !== 0);
  const most = Math.max(...rows.flatMap(({ bytes, old = 0 }) => [bytes, old]), 1);
  const bars = shown.map(({ label, bytes, old }) => {
    const track = element('div', { class: 'track' }, element('div', { class: 'fill' }));
    (track.firstElementChild as HTMLElement).style.width = `${(100 * Math.max(0, bytes)) / most}%`;
    if (old !== undefined) {
      const mark = element('div', { class: 'mark', title: `before: ${formatSize(old)}` });
      mark.style.left = `${(100 * Math.max(0, old)) / most}%`;
      track.append(mark);
    }
    const change = old === undefined ? '' : formatSize(bytes - old, { signed: true });
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, label),
      element('td', { class: 'number' }, formatSize(bytes)),
      element('td', { class: `number ${kindOf(bytes - (old ?? bytes))}` }, change),
      element('td', { class: 'wide' }, track),
    );
  });
  return element(
    'section',
    { 'aria-label': "The process's memory" },
    element('h2', {}, "The process's memory"),
    element('table', { class: 'memory' }, element('tbody', {}, ...bars)),
  );
}

function kindOf(change: number): string {
  return change > 0 ? 'grown' : change < 0 ? 'shrunk' : '';
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 100) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
