// SPDX-License-Identifier: MIT
// Two ways to tell the addon, at each moment, the number of the labels in force.
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import type { Binding } from '../addon/binding.js';

export interface Carrier {
  /** Runs `fn`, and what it starts, with this number. */
  run<T>(number: number, fn: () => T): T;
  /** Sets the number for the rest of the current callback, and what that starts. */
  enter(number: number): void;
  /** 0: none. */
  readonly current: number;
  /** Called while tracing begins and when it has ended. */
  open(): void;
  close(): void;
}

// Any number that no set of labels has.
const PROBE = 0x1abe1;

export function createCarrier(addon: Binding): Carrier {
  const storage = new AsyncLocalStorage<number>();
  const isSeen = storage.run(PROBE, () => addon.labelsFromContext({ storage, expected: PROBE }));
  return isSeen ? new ContextCarrier(storage) : new WordCarrier(storage, addon);
}

/** The addon finds the number in the asynchronous context itself. */
class ContextCarrier implements Carrier {
  readonly #storage: AsyncLocalStorage<number>;

  constructor(storage: AsyncLocalStorage<number>) {
    this.#storage = storage;
  }

  run<T>(number: number, fn: () => T): T {
    return this.#storage.run(number, fn);
  }

  enter(number: number): void {
    this.#storage.enterWith(number);
  }

  get current(): number {
    return this.#storage.getStore() ?? 0;
  }

  open(): void {}

  close(): void {}
}

/**
 * Where the context is kept by resources of `async_hooks`, which only JavaScript can find: a word is
 * set whenever a callback begins or ends.
 */
class WordCarrier implements Carrier {
  readonly #storage: AsyncLocalStorage<number>;
  readonly #word = new Uint32Array(1);
  // Of the callbacks that run, the outermost first: their ids, and the words before them.
  readonly #ids: number[] = [];
  readonly #words: number[] = [];
  readonly #hook = createHook({
    before: (id) => {
      this.#ids.push(id);
      this.#words.push(this.#set(this.#storage.getStore() ?? 0));
    },
    after: (id) => {
      // An error may have ended callbacks within this one.
      const at = this.#ids.lastIndexOf(id);
      if (at < 0) return;
      this.#set(this.#words[at] as number);
      this.#ids.length = this.#words.length = at;
    },
  });

  constructor(storage: AsyncLocalStorage<number>, addon: Binding) {
    this.#storage = storage;
    addon.labelsFromWord(this.#word);
  }

  run<T>(number: number, fn: () => T): T {
    return this.#storage.run(number, () => {
      const before = this.#set(number);
      try {
        return fn();
      } finally {
        this.#set(before);
      }
    });
  }

  enter(number: number): void {
    this.#storage.enterWith(number);
    this.#set(number);
  }

  get current(): number {
    return this.#storage.getStore() ?? 0;
  }

  open(): void {
    this.#hook.enable();
  }

  close(): void {
    this.#hook.disable();
    this.#ids.length = this.#words.length = 0;
    this.#set(0);
  }

  /** Returns what the word was. */
  #set(number: number): number {
    const before = this.#word[0] as number;
    this.#word[0] = number;
    return before;
  }
}
