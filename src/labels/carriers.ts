// SPDX-License-Identifier: MIT
// Two ways in which the addon learns, at each moment, the number of the labels in force.
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import type { Binding } from '../addon/binding.js';

export interface Carrier {
  /** Runs `fn`, and all that it starts, with this number. */
  run<T>(number: number, fn: () => T): T;
  /** Sets the number for the rest of the current callback, and for all that it starts. */
  enter(number: number): void;
  /** 0: none. */
  readonly current: number;
  /** Called while tracing begins and when it has ended. */
  open(): void;
  close(): void;
}

// A number that no set of labels has.
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
  /** Calls of `run` that have not returned: what is entered in one ends with it. */
  #running = 0;
  /** Callbacks that run, the outermost first. */
  readonly #callbacks: Callback[] = [];
  readonly #hook = createHook({
    before: (id) => {
      const word = this.#set(this.#storage.getStore() ?? 0);
      this.#callbacks.push({ id, word, entered: undefined });
    },
    after: (id) => {
      // An error may have ended callbacks within this one.
      const at = this.#callbacks.findLastIndex((callback) => callback.id === id);
      if (at < 0) return;
      const { word, entered } = this.#callbacks[at] as Callback;
      this.#callbacks.length = at;
      if (entered !== undefined) this.#storage.enterWith(entered.before as number);
      this.#set(word);
    },
  });

  constructor(storage: AsyncLocalStorage<number>, addon: Binding) {
    this.#storage = storage;
    addon.labelsFromWord(this.#word);
  }

  run<T>(number: number, fn: () => T): T {
    return this.#storage.run(number, () => {
      const before = this.#set(number);
      this.#running += 1;
      try {
        return fn();
      } finally {
        this.#running -= 1;
        this.#set(before);
      }
    });
  }

  enter(number: number): void {
    const callback = this.#callbacks.at(-1);
    // Some resources, such as an HTTP parser, have one callback after the other.
    if (callback !== undefined && this.#running === 0) {
      callback.entered ??= { before: this.#storage.getStore() };
    }
    this.#storage.enterWith(number);
    this.#set(number);
  }

  get current(): number {
    return this.#storage.getStore() ?? 0;
  }

  open(): void {
    this.#storage.run(0, () => {}); // switches it on
    this.#hook.enable();
  }

  close(): void {
    this.#hook.disable();
    this.#storage.disable();
    this.#callbacks.length = 0;
    this.#running = 0;
    this.#set(0);
  }

  /** Returns what the word was. */
  #set(number: number): number {
    const before = this.#word[0] as number;
    this.#word[0] = number;
    return before;
  }
}

interface Callback {
  readonly id: number;
  /** Before it. */
  readonly word: number;
  /** What the context had before a number was entered in this callback. */
  entered: { readonly before: number | undefined } | undefined;
}
