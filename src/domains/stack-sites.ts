// SPDX-License-Identifier: MIT
// Sites that TypeScript keeps itself, by key. A program that compiles code as it runs makes new
// ones without end: when there are many, those without live memory are removed, as by
// native/core/reclaim.h, and their totals are added to a rest.

/** How many sites without live memory may be kept. */
export const SPARE_SITES = 4096;

export interface StackSitesOptions<Site> {
  readonly isLive: (site: Site) => boolean;
  /** The key of the rest that takes the totals of this site; its own key, if it is a rest. */
  readonly restOf: (site: Site) => string;
  /** Adds the totals of the site to the rest, which is created if undefined. */
  readonly fold: (site: Site, rest: Site | undefined) => Site;
}

export class StackSites<Site> {
  readonly #options: StackSitesOptions<Site>;
  // The most recently used are last.
  readonly #sites = new Map<string, Site>();
  #most = SPARE_SITES;

  constructor(options: StackSitesOptions<Site>) {
    this.#options = options;
  }

  get(key: string, make: () => Site): Site {
    const site = this.#sites.get(key) ?? make();
    this.#sites.delete(key);
    this.#sites.set(key, site);
    if (this.#sites.size > this.#most) this.#giveBack(site);
    return site;
  }

  values(): IterableIterator<Site> {
    return this.#sites.values();
  }

  clear(): void {
    this.#sites.clear();
    this.#most = SPARE_SITES;
  }

  // Removes half of the dead sites, so that the cost per site is constant.
  #giveBack(asked: Site): void {
    const { isLive, restOf, fold } = this.#options;
    const dead = [...this.#sites].filter(
      ([key, site]) => site !== asked && !isLive(site) && restOf(site) !== key,
    );
    for (const [key, site] of dead.slice(0, Math.max(0, dead.length - SPARE_SITES / 2))) {
      this.#sites.delete(key);
      const rest = restOf(site);
      this.#sites.set(rest, fold(site, this.#sites.get(rest)));
    }
    this.#most = this.#sites.size + SPARE_SITES;
  }
}
