// SPDX-License-Identifier: MIT
// Random choices, determined by a seed.
import { randomFrom } from '../test/oracle/generate/source.mjs';

export class Random {
  #next;

  constructor(seed) {
    this.#next = randomFrom(seed);
  }

  /** 0 to limit - 1. */
  int(limit) {
    return Math.floor(this.#next() * limit);
  }

  chance(probability) {
    return this.#next() < probability;
  }

  pick(list) {
    return list[this.int(list.length)];
  }

  /** One item of `[weight, item]` rows. */
  weighted(rows) {
    let at = this.#next() * rows.reduce((sum, [weight]) => sum + weight, 0);
    return rows.find(([weight]) => {
      at -= weight;
      return at < 0;
    })[1];
  }

  /** 1 to limit, small numbers as often as large ones: the logarithm is uniform. */
  magnitude(limit) {
    return Math.max(1, Math.round(limit ** this.#next()));
  }
}
