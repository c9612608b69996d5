// SPDX-License-Identifier: MIT
// Whether a profile is of the sampler that we started. Other code may stop it and start one of its
// own, and the inspector would show that one's samples as if they were ours.
import type { Profile } from './sampler.js';

/**
 * Each sampler numbers its samples and nodes from the beginning, and never uses a number twice. So
 * a sample with a number that was in use already must be one of those that lived at the last
 * profile.
 */
export class SamplerIdentity {
  #samples = new Map<number, string>();
  #last = 0;

  /** False: these samples can't be of the sampler of the earlier profiles. */
  accepts({ samples }: Profile): boolean {
    const now = new Map<number, string>();
    let last = this.#last;
    for (const { ordinal, nodeId, size } of samples) {
      const sample = `${nodeId} ${size}`;
      if (ordinal <= this.#last && this.#samples.get(ordinal) !== sample) return false;
      now.set(ordinal, sample);
      last = Math.max(last, ordinal);
    }
    this.#samples = now;
    this.#last = last;
    return true;
  }
}
