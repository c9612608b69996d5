// SPDX-License-Identifier: MIT
// Sites and stacks with their controls, whose settings apply to both, and to later figures.
import { choice, element } from './dom.js';
import { Flame } from './flame.js';
import type { Charge, PageTrace } from './model.js';
import { type Key, type PageSite, type Paths, sitesOf } from './sites.js';
import { SiteList } from './table.js';

export class Explorer {
  readonly sites: HTMLElement;
  readonly #table: SiteList;
  readonly #flame: Flame;
  readonly #hasOld: boolean;
  readonly #domainSlot = element('div', { class: 'slot' });
  #domains: readonly string[] = [];
  #all: readonly PageTrace[];
  #chosen: readonly PageTrace[] = [];
  #key: Key = 'line';
  #charge: Charge = 'app';
  #domain = '';
  #filter = '';

  constructor(traces: readonly PageTrace[], hasOld: boolean, paths: Paths) {
    this.#all = traces;
    this.#hasOld = hasOld;
    this.#table = new SiteList(hasOld, paths);
    this.#flame = new Flame(traces, hasOld, paths);
    this.sites = element(
      'section',
      { 'aria-label': 'Sites' },
      element('h2', {}, 'By site'),
      this.#controls(),
      this.#table.root,
    );
    this.#choose();
    this.#update();
  }

  get stacks(): HTMLElement {
    return this.#flame.root;
  }

  /** Shows newer figures without moving what the user is looking at. */
  refresh(traces: readonly PageTrace[]): void {
    this.#all = traces;
    this.#choose();
    this.#table.show(this.#wanted(), this.#key);
    this.#flame.refresh(this.#chosen, this.#charge, this.#filter);
  }

  #update(): void {
    this.#table.show(this.#wanted(), this.#key);
    this.#flame.show(this.#chosen, this.#charge, this.#filter);
  }

  #choose(): void {
    const domains = [...new Set(this.#all.map((trace) => trace.domain))].sort();
    if (domains.join() !== this.#domains.join()) {
      this.#domains = domains;
      this.#domainSlot.replaceChildren(...(domains.length < 2 ? [] : [this.#domainChoice()]));
    }
    const domain = this.#domain;
    this.#chosen = domain === '' ? this.#all : this.#all.filter((trace) => trace.domain === domain);
  }

  #wanted(): readonly PageSite[] {
    const grouping = { key: this.#key, charge: this.#charge, hasOld: this.#hasOld };
    const sites = sitesOf(this.#chosen, grouping);
    return this.#filter === '' ? sites : sites.filter(({ text }) => text.includes(this.#filter));
  }

  #controls(): HTMLElement {
    return element(
      'div',
      { class: 'controls sticky' },
      this.#keyChoice(),
      this.#chargeChoice(),
      this.#domainSlot,
      this.#search(),
    );
  }

  #search(): HTMLElement {
    const search = element('input', {
      type: 'search',
      placeholder: 'file, function, source, type',
      'aria-label': 'Filter sites',
    });
    search.addEventListener('input', () => {
      this.#filter = search.value.trim().toLowerCase();
      this.#update();
    });
    return element('label', { class: 'search' }, element('span', {}, 'Filter'), search);
  }

  #keyChoice(): HTMLElement {
    return choice<Key>(
      'Group by',
      [
        ['line', 'line'],
        ['function', 'function'],
        ['file', 'file'],
        ['stack', 'stack'],
      ],
      this.#key,
      (value) => {
        this.#key = value;
        this.#update();
      },
    );
  }

  #chargeChoice(): HTMLElement {
    return choice<Charge>(
      'Frames',
      [
        ['app', 'app', "Node's own code is charged to its caller"],
        ['own', 'without node_modules', 'dependencies, too, are charged to their callers'],
        ['all', 'all', 'charged to the innermost frame'],
      ],
      this.#charge,
      (value) => {
        this.#charge = value;
        this.#update();
      },
    );
  }

  #domainChoice(): HTMLElement {
    return choice<string>(
      'Memory',
      [['', 'all'], ...this.#domains.map((name) => [name, name] as const)],
      this.#domain,
      (value) => {
        this.#domain = value;
        this.#choose();
        this.#update();
      },
    );
  }
}
