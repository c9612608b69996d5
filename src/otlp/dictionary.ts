// SPDX-License-Identifier: MIT
// The tables that all profiles of a message share. The first item of each is the empty one, which an
// index of 0 means; no item is there twice.
import { anonymousName } from '../pprof/profile.js';
import type { Frame } from '../traces/frame.js';
import { encoded, type MessageWriter } from './writer.js';

/** Numbers of the fields of ProfilesDictionary, which has a table for each. */
const TABLES = {
  mapping: 1,
  location: 2,
  function: 3,
  link: 4,
  string: 5,
  attribute: 6,
  stack: 7,
} as const;

/** The value of an attribute. */
export type AttributeValue = string | number | boolean;

/** `profile.frame.type` of the semantic conventions. */
const FRAME_TYPE = 'profile.frame.type';

export class Dictionary {
  readonly #strings = new Table<string>('');
  readonly #functions = new Table(empty());
  readonly #locations = new Table(empty());
  readonly #stacks = new Table(empty());
  readonly #attributes = new Table(empty());
  // Most frames are in many stacks.
  readonly #known = new Map<Frame, number>();

  string(text: string): number {
    return this.#strings.indexOf(text, text);
  }

  attribute(key: string, value: AttributeValue): number {
    const item = encoded((attribute) => {
      attribute.integer(1, this.string(key));
      attribute.message(2, (any) => writeAny(any, value));
    });
    return this.#attributes.indexOf(keyOf(item), item);
  }

  /** @param frames - oldest first; a stack of the format begins with the one that allocated. */
  stack(frames: readonly Frame[]): number {
    const locations = frames.map((frame) => this.#location(frame)).reverse();
    if (locations.length === 0) return 0;
    const item = encoded((stack) => stack.integers(1, locations));
    return this.#stacks.indexOf(keyOf(item), item);
  }

  write(into: MessageWriter): void {
    into.content(TABLES.mapping, empty());
    for (const item of this.#locations.items) into.content(TABLES.location, item);
    for (const item of this.#functions.items) into.content(TABLES.function, item);
    // Zeros of the full length, since some decoders want all ids to have it.
    into.message(TABLES.link, (link) => {
      link.content(1, new Uint8Array(16));
      link.content(2, new Uint8Array(8));
    });
    for (const text of this.#strings.items) into.text(TABLES.string, text);
    for (const item of this.#attributes.items) into.content(TABLES.attribute, item);
    for (const item of this.#stacks.items) into.content(TABLES.stack, item);
  }

  #location(frame: Frame): number {
    const known = this.#known.get(frame);
    if (known !== undefined) return known;
    const item = encoded((location) => {
      location.message(3, (line) => {
        line.integer(1, this.#function(frame));
        line.integer(2, frame.lineno);
        line.integer(3, frame.column);
      });
      location.integers(4, this.#frameAttributes(frame));
    });
    const index = this.#locations.indexOf(keyOf(item), item);
    this.#known.set(frame, index);
    return index;
  }

  #frameAttributes({ filename, approximate }: Frame): number[] {
    return [
      this.attribute(FRAME_TYPE, filename.startsWith('(') ? 'native' : 'v8js'),
      ...(approximate ? [this.attribute('tracemalloc.approximate', true)] : []),
    ];
  }

  // An anonymous function has no system name.
  #function(frame: Frame): number {
    const { filename, functionName } = frame;
    const label = filename.startsWith('(') ? filename : anonymousName(frame);
    const item = encoded((described) => {
      described.integer(1, this.string(functionName || label));
      described.integer(2, this.string(functionName));
      described.integer(3, this.string(filename));
    });
    return this.#functions.indexOf(keyOf(item), item);
  }
}

/** Writes an AnyValue. A member of its oneof is there even if it is 0 or empty. */
export function writeAny(any: MessageWriter, value: AttributeValue): void {
  if (typeof value === 'string') any.text(1, value);
  else if (typeof value === 'boolean') any.present(2, Number(value));
  else any.present(3, value);
}

function empty(): Uint8Array {
  return new Uint8Array(0);
}

function keyOf(item: Uint8Array): string {
  return Buffer.from(item.buffer, item.byteOffset, item.length).toString('latin1');
}

class Table<Item> {
  readonly items: Item[];
  readonly #indices = new Map<string, number>([['', 0]]);

  constructor(first: Item) {
    this.items = [first];
  }

  indexOf(key: string, item: Item): number {
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const index = this.items.push(item) - 1;
    this.#indices.set(key, index);
    return index;
  }
}
