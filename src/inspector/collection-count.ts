// SPDX-License-Identifier: MIT
// Counts garbage collections of the whole heap, without being called by V8: V8 makes symbols in the
// old generation, where no other collection clears a WeakRef.

/** A lower bound: of several collections between two looks, one is counted. */
export class CollectionCount {
  #value = 0;
  #witness = witness();

  get value(): number {
    return this.#value;
  }

  look(): void {
    if (this.#witness.deref() !== undefined) return;
    this.#value += 1;
    this.#witness = witness();
  }
}

function witness(): WeakRef<WeakKey> {
  return new WeakRef<WeakKey>(Symbol('witness') as unknown as WeakKey);
}
