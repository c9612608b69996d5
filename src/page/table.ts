// SPDX-License-Identifier: MIT
// The table of sites: sorted by any column, filtered, each row with its source line and its stacks.
import { formatAge, formatCollections } from '../text/duration.js';
import { formatCount, formatSize } from '../text/size.js';
import { explained } from '../text/special-names.js';
import { churnOf } from '../traces/churn.js';
import { element } from './dom.js';
import type { Holders } from './holders.js';
import {
  ageOf,
  figureOf,
  isLive,
  type Key,
  nameOf,
  type PageSite,
  type Paths,
  type SiteName,
  sumOf,
} from './sites.js';
import { stacksOf } from './stacks.js';

/** The columns, for hints and for the page's help. */
export const COLUMN_WORDS = {
  Change: 'Live bytes minus those of the older snapshot',
  '± error':
    'The bar is the figure; the thin line reaches from two standard errors below to two above. Sorts by the standard error',
  Size: 'Live bytes, an estimate: what has been allocated and not been collected yet',
  Count: 'Live allocations, an estimate',
  'Change of count': 'Live allocations minus those of the older snapshot',
  Churn: 'Bytes allocated since tracing began and collected again: temporary garbage',
  Age: 'Mean time since the allocation of what lives, weighted by bytes; below it that of the oldest, and the mean number of garbage collections survived. Temporary garbage has survived none. The oldest of a cache stays as old as the cache lets it. The oldest of a leak is as old as the leak, and the mean grows. Of samples: the oldest object may be older',
  What: 'The type with the most bytes',
  Where:
    'The line to which the memory is charged; “in” precedes what it called to allocate most of it',
} as const;

interface Column {
  readonly id: string;
  readonly title: keyof typeof COLUMN_WORDS;
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
  figure: ({ size }) => size,
  cell: ({ size }) => number(formatSize(size)),
};
const COUNT: Column = {
  id: 'count',
  title: 'Count',
  figure: ({ count }) => count,
  cell: ({ count }) => number(formatCount(count)),
};
const CHANGE: Column = {
  id: 'change',
  title: 'Change',
  figure: ({ sizeDiff }) => sizeDiff,
  cell: ({ sizeDiff }) => signed(sizeDiff, formatSize(sizeDiff, { signed: true })),
};
const COUNT_CHANGE: Column = {
  id: 'count-change',
  title: 'Change of count',
  figure: ({ countDiff }) => countDiff,
  cell: ({ countDiff }) =>
    signed(countDiff, formatCount(countDiff, { signed: true }), 'count-change'),
};

// Known of whole stacks only, not by type.
const CHURN: Column = {
  id: 'churn',
  title: 'Churn',
  figure: (site) => churnOf(site) ?? 0,
  cell: (site) => {
    const churn = churnOf(site);
    return number(churn === undefined ? '' : formatSize(churn), 'churn');
  },
};

// As churn.
const AGE: Column = {
  id: 'age',
  title: 'Age',
  figure: (site) => ageOf(site)?.mean ?? -1,
  cell: (site) => {
    const age = ageOf(site);
    if (age === undefined) return number('', 'age');
    const { collections } = age;
    const survived = collections === undefined ? '' : `, ${formatCollections(collections)}`;
    const more = `oldest ${formatAge(age.oldest)}${survived}`;
    const cell = number(formatAge(age.mean), 'age');
    cell.append(element('span', { class: 'oldest' }, more));
    return cell;
  },
};

/** Drawing must not block the page, however many sites there are. */
const ROWS_OF_PAGE = 25;

// Much faster than localeCompare.
const ALPHABET = new Intl.Collator('en');

/** A place with its directory dimmed and its file emphasized. */
export function placeElement({ directory, place }: SiteName): HTMLElement {
  return element(
    'code',
    {},
    element('span', { class: 'directory' }, directory),
    element('span', { class: 'place' }, place),
  );
}

/** What allocated for a site, if it is not the site itself. */
export function allocatorElement({ allocator }: PageSite): HTMLElement | undefined {
  if (allocator === '') return undefined;
  const title = 'This allocated most of it, called from the line';
  return element('span', { class: 'allocator', title }, ' in ', element('code', {}, allocator));
}

export class SiteList {
  readonly root = element('div', { class: 'sites' });
  readonly #scroll = element('div', { class: 'scroll' });
  readonly #allColumns: readonly Column[];
  readonly #hasOld: boolean;
  readonly #paths: Paths;
  readonly #holders: Holders | undefined;
  #sortBy: string;
  #descending = true;
  #first = 0;
  #nothing = '';
  #sites: readonly PageSite[] = [];
  #hasAges = false;
  /** Keys of the sites whose stacks are shown. */
  readonly #open = new Set<string>();
  /** Bytes of the longest bar, with its error. */
  #longest = 1;
  #key: Key = 'line';

  /** @param holders - where there is a service to ask. */
  constructor(hasOld: boolean, paths: Paths, holders?: Holders) {
    this.#hasOld = hasOld;
    this.#paths = paths;
    this.#holders = holders;
    this.#sortBy = hasOld ? 'change' : 'size';
    const where: Column = {
      id: 'where',
      title: 'Where',
      cell: (site) => this.#whereCell(site),
    };
    const bar: Column = {
      id: 'error',
      title: '± error',
      figure: ({ error }) => error,
      cell: (site) => this.#barCell(site),
    };
    const type: Column = {
      id: 'type',
      title: 'What',
      cell: ({ type }) => element('td', { class: 'type', title: explained(type) }, type),
    };
    this.#allColumns = hasOld
      ? [CHANGE, bar, SIZE, COUNT, COUNT_CHANGE, CHURN, AGE, type, where]
      : [SIZE, bar, COUNT, CHURN, AGE, type, where];
  }

  /** @param nothing - what is shown if there are no sites. */
  show(sites: readonly PageSite[], key: Key, nothing: string): void {
    this.#first = 0;
    if (this.#key !== key) {
      this.#open.clear();
      this.#holders?.clear();
    }
    this.#key = key;
    this.refresh(sites, nothing);
  }

  /** Shows newer figures at the same rows. */
  refresh(sites: readonly PageSite[], nothing: string): void {
    this.#sites = sites;
    this.#hasAges = sites.some((site) => ageOf(site) !== undefined);
    this.#nothing = nothing;
    const ends = sites.map((site) => this.#barFigure(site) + 2 * site.error);
    this.#longest = ends.reduce((most, end) => Math.max(most, end), 1);
    this.#draw();
  }

  #draw(): void {
    const focused = document.activeElement?.getAttribute('data-focus');
    const sorted = this.#sorted();
    if (this.#first >= sorted.length) this.#first = 0;
    const shown = sorted.slice(this.#first, this.#first + ROWS_OF_PAGE);
    const table = element(
      'table',
      {},
      element('caption', {}, this.#caption()),
      element('thead', {}, element('tr', {}, ...this.#columns.map((c) => this.#headerCell(c)))),
      element('tbody', {}, ...shown.map((site) => this.#row(site))),
    );
    this.#scroll.replaceChildren(table);
    const notes = sorted.length === 0 ? [element('p', { class: 'nothing' }, this.#nothing)] : [];
    const pages = sorted.length > shown.length ? [this.#pages(sorted.length)] : [];
    this.root.replaceChildren(this.#scroll, ...notes, ...pages);
    if (focused) this.#focus(focused);
  }

  // Sorting and new figures must keep the keyboard focus.
  #focus(name: string): void {
    const candidates = [...this.root.querySelectorAll<HTMLElement>('[data-focus]')];
    const found = candidates.find((candidate) => candidate.getAttribute('data-focus') === name);
    found?.focus({ preventScroll: true });
  }

  /** Those that have figures for what the sites are. */
  get #columns(): readonly Column[] {
    const isByType = this.#key === 'type';
    const isWithout = (column: Column) =>
      (column === CHURN && isByType) || (column === AGE && (isByType || !this.#hasAges));
    return this.#allColumns.filter((column) => !isWithout(column));
  }

  #sorted(): PageSite[] {
    const columns = this.#columns;
    const { figure } = columns.find(({ id }) => id === this.#sortBy) ?? columns[0]!;
    const sign = this.#descending ? 1 : -1;
    const textOf = (site: PageSite) => (this.#sortBy === 'type' ? site.type : site.text);
    return this.#sites
      .filter((site) => this.#isShown(site))
      .sort(
        (a, b) =>
          sign * (figure ? figure(b) - figure(a) : ALPHABET.compare(textOf(a), textOf(b))) ||
          b.size - a.size,
      );
  }

  /** What has only churn is of interest where rows are sorted by it. */
  #isShown(site: PageSite): boolean {
    return isLive(site, this.#hasOld) || (this.#sortBy === CHURN.id && (churnOf(site) ?? 0) > 0);
  }

  #caption(): string {
    const live = this.#sites.filter((site) => isLive(site, this.#hasOld));
    const count = live.length;
    const sum = formatSize(sumOf(live, this.#hasOld), { signed: this.#hasOld });
    return `${count} ${count === 1 ? 'site' : 'sites'}, ${sum}`;
  }

  #headerCell({ id, title, figure }: Column): HTMLElement {
    const isSorted = id === this.#sortBy;
    const arrow = isSorted ? (this.#descending ? ' ▾' : ' ▴') : '';
    const button = element(
      'button',
      { type: 'button', class: 'sort', title: COLUMN_WORDS[title], 'data-focus': `column ${id}` },
      title + arrow,
    );
    button.addEventListener('click', () => {
      this.#descending = isSorted ? !this.#descending : true;
      this.#sortBy = id;
      this.#first = 0;
      this.#draw();
    });
    const isDown = this.#descending === (figure !== undefined);
    const order = isSorted ? (isDown ? 'descending' : 'ascending') : 'none';
    return element('th', { scope: 'col', 'aria-sort': order, class: `column-${id}` }, button);
  }

  #row(site: PageSite): HTMLElement {
    return element('tr', {}, ...this.#columns.map(({ cell }) => cell(site)));
  }

  #barFigure(site: PageSite): number {
    return Math.abs(figureOf(site, this.#hasOld));
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
    const track = element(
      'div',
      { class: 'track', role: 'img', 'aria-label': title },
      fill,
      whisker,
    );
    return element('td', { class: 'bar', title }, track);
  }

  #whereCell(site: PageSite): HTMLElement {
    const shown = nameOf(site, this.#key, this.#paths);
    const { name } = shown;
    const { source, filename, functionName } = site.frame;
    const approximate = Math.round((100 * site.approximateSize) / Math.max(1, site.size));
    const button = element(
      'button',
      {
        type: 'button',
        class: 'where',
        'aria-expanded': String(this.#open.has(site.key)),
        'data-focus': `site ${site.key}`,
        title: explained(functionName) ?? explained(filename) ?? filename,
      },
      placeElement(shown),
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
      allocatorElement(site),
    );
    const cell = element('td', { class: 'where' }, button);
    if (source !== '' && (this.#key === 'line' || this.#key === 'stack')) {
      cell.append(element('code', { class: 'source' }, source));
    }
    const holders = this.#holders?.elementsFor(site, shown.directory + shown.place) ?? [];
    cell.append(...holders);
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

  #pages(count: number): HTMLElement {
    const last = Math.min(count, this.#first + ROWS_OF_PAGE);
    const turn = (text: string, first: number) => {
      const button = element(
        'button',
        {
          type: 'button',
          class: 'action',
          disabled: first < 0 || first >= count,
          'data-focus': `page ${text}`,
        },
        text,
      );
      button.addEventListener('click', () => {
        this.#first = first;
        this.#draw();
      });
      return button;
    };
    return element(
      'nav',
      { class: 'pages', 'aria-label': 'Pages of sites' },
      turn('Previous', this.#first - ROWS_OF_PAGE),
      element('span', { role: 'status' }, `${this.#first + 1} to ${last} of ${count}`),
      turn('Next', this.#first + ROWS_OF_PAGE),
    );
  }
}
