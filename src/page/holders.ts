// SPDX-License-Identifier: MIT
// What keeps the objects of a row alive: a button at the row, and the tree below it.
import { type RetainerBranch, retainerNotes, retainerTree } from '../text/retainer-tree.js';
import type { SiteRetainers } from '../text/retainers-text.js';
import { formatCount } from '../text/size.js';
import { element } from './dom.js';
import type { PageSite, Paths } from './sites.js';

/** Where answers come from: the service, or what a dump has kept. */
export interface RetainersSource {
  /** Whether an answer is possible. */
  knows(lines: readonly string[]): boolean;
  /** A note beside an answer, such as its time; empty: none. */
  noteOn(site: SiteRetainers): string;
  /** @throws (rejects) Error with the reason. */
  ask(lines: readonly string[]): Promise<readonly SiteRetainers[]>;
}

/** A row of many lines asks about the largest ones: an address has its limits. */
const MOST_LINES = 40;
const MOST_CHARACTERS = 6000;

/** The open panels of all rows: they stay open while the table is drawn again at each message. */
export class Holders {
  readonly #source: RetainersSource;
  readonly #paths: Paths;
  /** What is open, by the keys of the rows. */
  readonly #panels = new Map<string, HTMLElement>();

  constructor(source: RetainersSource, paths: Paths) {
    this.#source = source;
    this.#paths = paths;
  }

  clear(): void {
    this.#panels.clear();
  }

  /** The button and the panel of a row; nothing where nothing can be known. */
  elementsFor(site: PageSite, place: string): HTMLElement[] {
    const lines = linesOf(site);
    if (lines.length === 0 || !this.#source.knows(lines)) return [];
    const open = this.#panels.get(site.key);
    const button = element(
      'button',
      {
        type: 'button',
        class: 'action why',
        'aria-expanded': String(open !== undefined),
        'aria-label': `Who holds it: ${place}`,
        title: 'Shows what keeps these objects alive',
        'data-focus': `why ${site.key}`,
      },
      'Who holds it',
    );
    button.addEventListener('click', () => {
      const shown = this.#panels.get(site.key);
      button.setAttribute('aria-expanded', String(shown === undefined));
      if (shown !== undefined) {
        this.#panels.delete(site.key);
        shown.remove();
        return;
      }
      const panel = element('div', { class: 'holders', role: 'status' }, 'Searching …');
      this.#panels.set(site.key, panel);
      button.after(panel);
      void this.#fill(panel, lines);
    });
    return open === undefined ? [button] : [button, open];
  }

  async #fill(panel: HTMLElement, lines: readonly string[]): Promise<void> {
    try {
      const sites = await this.#source.ask(lines);
      panel.replaceChildren(...sites.flatMap((site) => this.#found(site)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      panel.replaceChildren(element('p', { class: 'problem' }, reason));
    }
  }

  #found(site: SiteRetainers): HTMLElement[] {
    const { samples, liveSamples, paths } = site;
    const facts = [
      `${formatCount(samples)} of ${formatCount(liveSamples)} samples were looked at`,
      this.#source.noteOn(site),
      paths.length === 0 ? '' : '; each line holds what is below it',
    ];
    return [
      element('p', {}, facts.join('')),
      ...this.#list(retainerTree(paths), samples, samples),
      ...retainerNotes(site).map((note) => element('p', {}, note)),
    ];
  }

  /** @param all - samples behind the step above; a step shows its own where they are fewer. */
  #list(branches: readonly RetainerBranch[], all: number, samples: number): HTMLElement[] {
    if (branches.length === 0) return [];
    const items = branches.map(({ text, count, below }) => {
      const share = count < all ? `  ${count} of ${samples}` : undefined;
      return element(
        'li',
        {},
        element('code', {}, this.#paths.shortenIn(text)),
        share && element('span', { class: 'share' }, share),
        ...this.#list(below, count, samples),
      );
    });
    return [element('ul', {}, ...items)];
  }
}

/** The lines of the row, those with most bytes first. */
function linesOf({ lines }: PageSite): string[] {
  let room = MOST_CHARACTERS;
  return [...lines]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_LINES)
    .map(([line]) => line)
    .filter((line) => {
      room -= line.length;
      return room > 0;
    });
}
