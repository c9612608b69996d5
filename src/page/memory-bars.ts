// SPDX-License-Identifier: MIT
// The kinds of memory of the whole process.
import type { MemoryRow } from '../html/report-data.js';
import { formatSize } from '../text/size.js';
import { element } from './dom.js';

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
    element(
      'table',
      { class: 'memory', 'aria-label': 'Kinds of memory' },
      element('tbody', {}, ...bars),
    ),
  );
}

function kindOf(change: number): string {
  return change > 0 ? 'grown' : change < 0 ? 'shrunk' : '';
}
