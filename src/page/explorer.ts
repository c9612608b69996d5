// SPDX-License-Identifier: MIT
// Headline, sites and stacks, with controls whose settings apply to all three, and to later figures.
import { FRAMES_MEANING, type Frames } from '../traces/charge.js';
import { choice, element, turn } from './dom.js';
import { Flame } from './flame.js';
import { type Compared, headline } from './headline.js';
import type { Holders } from './holders.js';
import type { PageTrace } from './model.js';
import { isLive, type Key, type PageSite, type Paths, sitesOf } from './sites.js';
import { SiteList } from './table.js';

export class Explorer {
  readonly headline = element('div', {});
  readonly sites: HTMLElement;
  readonly #table: SiteList;
  readonly #flame: Flame;
  readonly #paths: Paths;
  readonly #domainSlot = element('div', { class: 'slot' });
  #domains: readonly string[] = [];
  #compared: Compared;
  #all: readonly PageTrace[];
  #chosen: readonly PageTrace[] = [];
  #key: Key = 'line';
  #frames: Frames = 'own';
  #domain = '';
  #filter = '';

  /** @param holders - where there is a service to ask. */
  constructor(compared: Compared, traces: readonly PageTrace[], paths: Paths, holders?: Holders) {
    const hasOld = compared.old !== undefined;
    this.#compared = compared;
    this.#all = traces;
    this.#paths = paths;
    this.#table = new SiteList(hasOld, paths, holders);
    this.#flame = new Flame(traces, hasOld, paths);
    this.sites = element(
      'section',
      { 'aria-label': 'Sites' },
      element('h2', {}, 'Sites'),
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
  refresh(compared: Compared, traces: readonly PageTrace[]): void {
    this.#compared = compared;
    this.#all = traces;
    this.#choose();
    const sites = this.#wanted();
    this.#summarize(sites);
    this.#table.refresh(sites, this.#nothing);
    // The graph takes as long again, and the page can answer in between.
    void turn().then(() => this.#flame.refresh(this.#chosen, this.#frames, this.#filter));
  }

  #update(): void {
    const sites = this.#wanted();
    this.#summarize(sites);
    this.#table.show(sites, this.#key, this.#nothing);
    this.#flame.show(this.#chosen, this.#frames, this.#filter);
  }

  #summarize(sites: readonly PageSite[]): void {
    const part = [
      ...(this.#domain === '' ? [] : [`domain ${this.#domain}`]),
      ...(this.#filter === '' ? [] : [`in what matches “${this.#filter}”`]),
    ].join(', ');
    const hasOld = this.#compared.old !== undefined;
    const live = sites.filter((site) => isLive(site, hasOld));
    const shown = { sites: live, key: this.#key, part };
    this.headline.replaceChildren(headline(this.#compared, shown, this.#paths));
  }

  get #nothing(): string {
    if (this.#filter !== '') return `Nothing matches “${this.#filter}”.`;
    return this.#compared.old === undefined
      ? 'No sampled memory is live.'
      : 'No sampled memory is live, and none was before.';
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
    const hasOld = this.#compared.old !== undefined;
    const grouping = {
      ...{ key: this.#key, frames: this.#frames, hasOld },
      time: this.#compared.now.timestamp,
    };
    const sites = sitesOf(this.#chosen, grouping);
    return this.#filter === '' ? sites : sites.filter(({ text }) => text.includes(this.#filter));
  }

  #controls(): HTMLElement {
    return element(
      'div',
      { class: 'controls sticky' },
      this.#keyChoice(),
      this.#framesChoice(),
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
        ['type', 'type', 'By class or kind of object; “in” precedes the line that made most'],
        ['label', 'label', 'By what label() and routes said, such as the HTTP route'],
      ],
      this.#key,
      (value) => {
        this.#key = value;
        this.#update();
      },
    );
  }

  #framesChoice(): HTMLElement {
    return choice<Frames>(
      'Frames',
      (Object.entries(FRAMES_MEANING) as [Frames, string][]).map(([frames, meaning]) => [
        frames,
        frames,
        `Charges ${meaning}`,
      ]),
      this.#frames,
      (value) => {
        this.#frames = value;
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
