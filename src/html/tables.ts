// SPDX-License-Identifier: MIT
// Texts, frames and stacks in the page's form: each is listed once and referred to by its number.
// The lists only grow, so that what is new since an earlier time is a slice.
import { plainName } from '../text/plain-text.js';
import { type Frame, kindOf } from '../traces/frame.js';

/** More frames than any profile has; a node and a frame are combined into one integer with it. */
const MOST_FRAMES = 2 ** 24;

export class FrameTables {
  readonly strings: string[] = [''];
  readonly frames: number[] = [];
  readonly nodes: number[] = [];
  readonly #texts = new Map<string, number>([['', 0]]);
  readonly #frameIds = new Map<string, number>();
  // Most frames are in many stacks.
  readonly #known = new WeakMap<Frame, number>();
  readonly #nodeIds = new Map<number, number>();
  readonly #sourceOf: (frame: Frame) => string;

  constructor(sourceOf: (frame: Frame) => string) {
    this.#sourceOf = sourceOf;
  }

  /** Escaped for display: only the page uses these texts. */
  text(text: string): number {
    return once(this.#texts, text, () => this.strings.push(plainName(text)) - 1);
  }

  node(frames: readonly Frame[]): number {
    let node = -1;
    for (const frame of frames) {
      const id = this.#known.get(frame) ?? this.#frame(frame);
      const key = (node + 1) * MOST_FRAMES + id;
      node = once(this.#nodeIds, key, () => this.nodes.push(node, id) / 2 - 1);
    }
    return node;
  }

  #frame(frame: Frame): number {
    const { filename, lineno, functionName, approximate } = frame;
    const key = `${lineno}:${approximate}:${functionName}\0${filename}`;
    const id = once(this.#frameIds, key, () => {
      const id = this.#frameIds.size;
      this.frames.push(
        this.text(filename),
        lineno,
        this.text(functionName),
        kindOf(frame),
        approximate ? 1 : 0,
        this.text(this.#sourceOf(frame)),
      );
      return id;
    });
    this.#known.set(frame, id);
    return id;
  }
}

function once<K>(map: Map<K, number>, key: K, make: () => number): number {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
