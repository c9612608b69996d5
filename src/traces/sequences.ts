// SPDX-License-Identifier: MIT
// Sequences of whole numbers, one behind the other in one array: stacks of millions of traces.

/** The expected size, as far as known; room for more is added as needed. */
export interface Expected {
  readonly sequences: number;
  readonly items: number;
}

const LARGEST_HALF = 0xffff;

const FEW: Expected = { sequences: 64, items: 1024 };

export class Sequences {
  // Half the room, as long as all items fit.
  #items: Uint16Array | Uint32Array;
  // One more than there are sequences: the last is where the next one begins.
  #begins: Uint32Array;
  #length = 0;

  constructor({ sequences, items }: Expected = FEW) {
    this.#items = new Uint16Array(items);
    this.#begins = new Uint32Array(sequences + 1);
  }

  /** Sequences that there is room for. */
  get capacity(): number {
    return this.#begins.length - 1;
  }

  get length(): number {
    return this.#length;
  }

  get items(): Uint16Array | Uint32Array {
    return this.#items;
  }

  get begins(): Uint32Array {
    return this.#begins.subarray(0, this.#length);
  }

  get ends(): Uint32Array {
    return this.#begins.subarray(1, this.#length + 1);
  }

  /** @returns the number of the sequence, counted from 0: that of the first `count` items. */
  add(items: ArrayLike<number>, count: number): number {
    const begin = this.#begins[this.#length] as number;
    const end = begin + count;
    if (end > this.#items.length) this.#items = enlarged(this.#items, end);
    for (let i = 0; i < count; i++) {
      const item = items[i] as number;
      if (item > LARGEST_HALF && this.#items instanceof Uint16Array) {
        this.#items = Uint32Array.from(this.#items);
      }
      this.#items[begin + i] = item;
    }
    this.#length += 1;
    if (this.#length === this.#begins.length) {
      this.#begins = enlarged(this.#begins, this.#length + 1);
    }
    this.#begins[this.#length] = end;
    return this.#length - 1;
  }

  protected equals(id: number, items: ArrayLike<number>, count: number): boolean {
    const begin = this.#begins[id] as number;
    if ((this.#begins[id + 1] as number) - begin !== count) return false;
    for (let i = 0; i < count; i++) if (this.#items[begin + i] !== items[i]) return false;
    return true;
  }
}

/** Each sequence once. */
export class DistinctSequences extends Sequences {
  // Open addressing: 1 + the number of a sequence, 0 where there is none; never more than half
  // full.
  #slots: Uint32Array;

  constructor(expected: Expected = FEW) {
    super(expected);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * expected.sequences + 1)));
  }

  /** @returns the number of the sequence that has these items, new or not. */
  override add(items: ArrayLike<number>, count: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(items, 0, count) & mask;
    for (let id = this.#slots[slot] as number; id > 0; id = this.#slots[slot] as number) {
      if (this.equals(id - 1, items, count)) return id - 1;
      slot = (slot + 1) & mask;
    }
    const added = super.add(items, count);
    this.#slots[slot] = added + 1;
    if (2 * this.length > this.#slots.length) this.#spread();
    return added;
  }

  #spread(): void {
    const { items, begins, ends } = this;
    const slots = new Uint32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let id = 0; id < this.length; id++) {
      let slot = hashOf(items, begins[id] as number, ends[id] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** At least twice as large, so that adding stays cheap. */
export function enlarged<T extends Uint16Array | Uint32Array | Float64Array>(
  array: T,
  atLeast: number,
): T {
  const Column = array.constructor as new (length: number) => T;
  const larger = new Column(Math.max(atLeast, 2 * array.length));
  larger.set(array);
  return larger;
}

// FNV-1a by words; its low bits, which choose the slot, are mixed from the high ones at the end.
function hashOf(items: ArrayLike<number>, begin: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = begin; i < end; i++) hash = Math.imul(hash ^ (items[i] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
