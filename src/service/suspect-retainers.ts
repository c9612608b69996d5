// SPDX-License-Identifier: MIT
// Finds what holds the objects of suspects, for reports: one search at a time, at most one a minute,
// each suspect once.
import { dateNow, monotonicNow } from '../host/real-time.js';
import parts from '../late-parts.cjs';
import type { ReportRetainers, ReportSuspect } from '../report/report.js';
import { isLine } from '../retainers/matching.js';
import { textsOf } from '../retainers/retainers.js';
import { brief } from '../text/retainers-text.js';
import { complain } from './stderr.js';

const BETWEEN_MS = 60_000;
const LIMITS = { timeout: '10s', keepsAlive: false } as const;

export class SuspectRetainers {
  /** By suspect; undefined: it was searched for, and nothing is known. */
  readonly #found = new Map<string, ReportRetainers | undefined>();
  #isSearching = false;
  #isDisabled = false;
  #searched = Number.NEGATIVE_INFINITY;

  /** The suspects, with what was found for them until now. */
  withFound(suspects: readonly ReportSuspect[]): ReportSuspect[] {
    return suspects.map((suspect) => {
      const retainers = this.#found.get(keyOf(suspect));
      return retainers === undefined ? suspect : { ...suspect, retainers };
    });
  }

  /** Begins a search for a new suspect, if it is time. */
  observe(suspects: readonly ReportSuspect[]): void {
    const keys = new Set(suspects.map(keyOf));
    for (const key of this.#found.keys()) if (!keys.has(key)) this.#found.delete(key);
    const isDue = monotonicNow() - this.#searched >= BETWEEN_MS;
    if (this.#isDisabled || this.#isSearching || !isDue) return;
    const wanted = suspects.find((one) => hasLine(one) && !this.#found.has(keyOf(one)));
    if (wanted !== undefined) void this.#search(wanted);
  }

  async #search(suspect: ReportSuspect): Promise<void> {
    this.#isSearching = true;
    try {
      const { retainersOfLines } = parts.retainers();
      const { retainers } = await retainersOfLines([suspect.site], LIMITS);
      const found = brief(textsOf(retainers));
      const time = new Date(dateNow()).toISOString();
      this.#searched = monotonicNow();
      if (found.samples > 0) this.#found.set(keyOf(suspect), { time, ...found });
      else if (found.end === 'complete') this.#found.set(keyOf(suspect), undefined);
    } catch (error) {
      const { code } = error as { code?: unknown };
      // Tracing has ended; or somebody else searches, and the next report tries again.
      if (code !== 'ERR_NOT_TRACING' && code !== 'ERR_BUSY') {
        this.#isDisabled = true;
        complain('what holds suspects is not known', error);
      }
    } finally {
      this.#isSearching = false;
    }
  }
}

function keyOf({ domain, site }: ReportSuspect): string {
  return `${domain} ${site}`;
}

/** A line, alone or with all that it calls; not a module or a class. */
function hasLine({ site, sum }: ReportSuspect): boolean {
  return (sum === undefined || sum === 'line') && isLine(site);
}
