// SPDX-License-Identifier: MIT
// The table of sites: sorted by any column, filtered, each row with its source line and its stacks.
import { formatCount, formatSize } from '../text/size.js';
import { element } from './dom.js';
import { type Key, nameOf, type PageSite, type Paths } from './sites.js';
import { stacksOf } from './stacks.js';

interface Column {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  /** The figure by which rows are sorted, the largest first; undefined: by name. */
  readonly figure?: (site: PageSite) => number;
  readonly cell: (site: PageSite) => HTMLElement;
}

const number = (text: string, kind = '') => element('td', { class: `number ${kind}` }, text);
const signed = (figure: number, text: string, kind = '') =>
  number(text, `${figure > 0 ? 'grown' : figure < 0 ? 'shrunk' : ''} ${kind}`);

const SIZE: Column = {
  id: 'size',
  title: 'Size',
  hint: 'Live bytes, an estimate',
  figure: ({ size }) => size,
  cell: ({ size }) => number(formatSize(size)),
};
const COUNT: Column = {
  id: 'count',
  title: 'Count',
  hint: 'Live allocations, an estimate',
  figure: ({ count }) => count,
  cell: ({ count }) => number(formatCount(count)),
};
const CHANGE: Column = {
  id: 'change',
  title: 'Change',
  hint: 'Live bytes minus those of the older snapshot',
  figure: ({ sizeDiff }) => sizeDiff,
  cell: ({ sizeDiff }) => signed(sizeDiff, formatSize(sizeDiff, { signed: true })),
};
const COUNT_CHANGE: Column = {
  id: 'count-change',
  title: 'Change of count',
  hint: 'Live allocations minus those of the older snapshot',
  figure: ({ countDiff }) => countDiff,
  cell: ({ countDiff }) =>
    signed(countDiff, formatCount(countDiff, { signed: true }), 'count-change'),
};

const FIRST_ROWS = 30;

/** A place with its directory dimmed and its file emphasized. */
export function placeElement(place: string): HTMLElement {
  const end = place.startsWith('node:') ? 0 : place.lastIndexOf('/') + 1;
  return element(
    'code',
    {},
    element('span', { class: 'directory' }, place.slice(0, end)),
    element('span', { class: 'place' }, place.slice(end)),
  );
}

export class SiteList {
  readonly root = element('div', { class: 'sites' });
  readonly #scroll = element('div', { class: 'scroll' });
  readonly #columns: readonly Column[];
  readonly #hasOld: boolean;
  readonly #paths: Paths;
  #sortBy: string;
  #descending = true;
  #limit = FIRST_ROWS;
  #sites: readonly PageSite[] = [];
  readonly #rows = new Map<PageSite, HTMLElement>();
  /** Keys of the sites whose stacks are shown. */
  readonly #open = new Set<string>();
  /** Bytes of the longest bar, with its error. */
  #longest = 1;
  #key: Key = 'line';

  constructor(hasOld: boolean, paths: Paths) {
    this.#hasOld = hasOld;
    this.#paths = paths;
    this.#sortBy = hasOld ? 'change' : 'size';
    const where: Column = {
      id: 'where',
      title: 'Where',
      hint: 'The line to which the memory is charged',
      cell: (site) => this.#whereCell(site),
    };
    const bar: Column = {
      id: 'error',
      title: '± error',
      hint: 'Sorts by the standard error. The bar is the figure; the thin line reaches from two standard errors below to two above',
      figure: ({ error }) => error,
      cell: (site) => this.#barCell(site),
    };
    const type: Column = {
      id: 'type',
      title: 'What',
      hint: 'The type with the most bytes',
      cell: ({ type }) => element('td', { class: 'type' }, type),
    };
    this.#columns = hasOld
      ? [CHANGE, bar, SIZE, COUNT, COUNT_CHANGE, type, where]
      : [SIZE, bar, COUNT, type, where];
  }

  show(sites: readonly PageSite[], key: Key): void {
    this.#sites = sites;
    const ends = sites.map((site) => this.#barFigure(site) + 2 * site.error);
    this.#longest = ends.reduce((most, end) => Math.max(most, end), 1);
    if (this.#key !== key) {
      this.#key = key;
      this.#open.clear();
      this.#limit = FIRST_ROWS;
    }
    this.#rows.clear();
    this.#draw();
  }

  #draw(): void {
    const focused = document.activeElement?.getAttribute('data-focus');
    const sorted = this.#sorted();
    const shown = sorted.slice(0, this.#limit);
    const table = element(
      'table',
      {},
      element('caption', {}, this.#caption(sorted.length)),
      element('thead', {}, element('tr', {}, ...this.#columns.map((c) => this.#headerCell(c)))),
      element('tbody', {}, ...shown.map((site) => this.#row(site))),
    );
    this.#scroll.replaceChildren(table);
    const more = sorted.length > shown.length ? [this.#more(sorted.length)] : [];
    this.root.replaceChildren(this.#scroll, ...more);
    if (focused) this.#focus(focused);
  }

  // Sorting and new figures must keep the keyboard focus.
  #focus(name: string): void {
    const candidates = [...this.root.querySelectorAll<HTMLElement>('[data-focus]')];
    const found = candidates.find((candidate) => candidate.getAttribute('data-focus') === name);
    found?.focus({ preventScroll: true });
  }

  #sorted(): PageSite[] {
    const { figure } = this.#columns.find(({ id }) => id === this.#sortBy)!;
    const sign = this.#descending ? 1 : -1;
    const textOf = (site: PageSite) => (this.#sortBy === 'type' ? site.type : site.text);
    return [...this.#sites].sort(
      (a, b) =>
        sign * (figure ? figure(b) - figure(a) : textOf(a).localeCompare(textOf(b))) ||
        b.size - a.size,
    );
  }

  #caption(count: number): string {
    return `${count} ${count === 1 ? 'site' : 'sites'}`;
  }

  #headerCell({ id, title, hint, figure }: Column): HTMLElement {
    const isSorted = id === this.#sortBy;
    const arrow = isSorted ? (this.#descending ? ' ▾' : ' ▴') : '';
    const button = element(
      'button',
      { type: 'button', class: 'sort', title: hint, 'data-focus': `column ${id}` },
      title + arrow,
    );
    button.addEventListener('click', () => {
      this.#descending = isSorted ? !this.#descending : true;
      this.#sortBy = id;
      this.#draw();
    });
    const isDown = this.#descending === (figure !== undefined);
    const order = isSorted ? (isDown ? 'descending' : 'ascending') : 'none';
    return element('th', { scope: 'col', 'aria-sort': order, class: `column-${id}` }, button);
  }

  #row(site: PageSite): HTMLElement {
    const made =
      this.#rows.get(site) ?? element('tr', {}, ...this.#columns.map(({ cell }) => cell(site)));
    this.#rows.set(site, made);
    return made;
  }

  #barFigure({ size, sizeDiff }: PageSite): number {
    return Math.abs(this.#hasOld ? sizeDiff : size);
  }

  #barCell(site: PageSite): HTMLElement {
    const figure = this.#barFigure(site);
    const percent = (bytes: number) => Math.min(100, (100 * Math.max(0, bytes)) / this.#longest);
    const isShrunk = this.#hasOld && site.sizeDiff < 0;
    const fill = element('div', { class: isShrunk ? 'fill shrunk' : 'fill' });
    fill.style.width = `${percent(figure)}%`;
    const whisker = element('div', { class: 'whisker' });
    const from = percent(figure - 2 * site.error);
    whisker.style.left = `${from}%`;
    whisker.style.width = `${percent(figure + 2 * site.error) - from}%`;
    const title = `± ${formatSize(site.error)} (standard error), ${site.samples} samples`;
    return element(
      'td',
      { class: 'bar', title },
      element('div', { class: 'track' }, fill, whisker),
    );
  }

  #whereCell(site: PageSite): HTMLElement {
    const { place, name } = nameOf(site, this.#key, this.#paths);
    const { source, filename } = site.frame;
    const approximate = Math.round((100 * site.approximateSize) / Math.max(1, site.size));
    const button = element(
      'button',
      {
        type: 'button',
        class: 'where',
        'aria-expanded': String(this.#open.has(site.key)),
        'data-focus': `site ${site.key}`,
        title: filename,
      },
      placeElement(place),
      approximate >= 5 && this.#key === 'line'
        ? element(
            'span',
            {
              class: 'approximate',
              title: `${approximate} % of it may belong to a neighbouring line`,
            },
            ' ≈',
          )
        : undefined,
      name === '' ? undefined : element('code', { class: 'function' }, ` ${name}`),
    );
    const cell = element('td', { class: 'where' }, button);
    if (source !== '' && (this.#key === 'line' || this.#key === 'stack')) {
      cell.append(element('code', { class: 'source' }, source));
    }
    const showStacks = () => cell.append(stacksOf(site, this.#paths, this.#hasOld));
    if (this.#open.has(site.key)) showStacks();
    button.addEventListener('click', () => {
      const isOpen = this.#open.delete(site.key);
      button.setAttribute('aria-expanded', String(!isOpen));
      if (isOpen) {
        cell.querySelector('.stacks')?.remove();
        return;
      }
      this.#open.add(site.key);
      showStacks();
    });
    return cell;
  }

  #more(count: number): HTMLElement {
    const button = element('button', { type: 'button', class: 'action' }, `Show all ${count}`);
    button.addEventListener('click', () => {
      this.#limit = Number.POSITIVE_INFINITY;
      this.#draw();
    });
    return button;
  }
}
