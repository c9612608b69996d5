// SPDX-License-Identifier: MIT
// The progress of long work: one line on stderr, if that is a terminal, which is erased at the end.
// Short work shows none.
import type { WriteStream } from 'node:tty';
import type { OnProgress } from '../pprof/split.js';
import { plainName } from '../text/plain-text.js';
import { cut } from './table.js';

const [FIRST_MS, BETWEEN_MS] = [300, 100] as const;
const WIDTH = 24;
const [CLEAR_LINE, BACK] = ['\u001b[K', '\r'] as const;

export class Progress {
  readonly #stream: WriteStream;
  readonly #isShown: boolean;
  #due = performance.now() + FIRST_MS;
  #isDrawn = false;

  constructor(stream: WriteStream = process.stderr) {
    this.#stream = stream;
    this.#isShown = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  /** Begins a part of the work; the returned function is called with the share that is done. */
  of(what: string): OnProgress {
    return (share) => {
      if (!this.#isShown || performance.now() < this.#due) return;
      this.#due = performance.now() + BETWEEN_MS;
      this.#isDrawn = true;
      const bar = '#'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '.');
      const text = `[${bar}] ${Math.floor(share * 100)} % ${plainName(what)}`;
      this.#stream.write(BACK + cut(text, this.#stream.columns - 1) + CLEAR_LINE);
    };
  }

  end(): void {
    if (this.#isDrawn) this.#stream.write(BACK + CLEAR_LINE);
    this.#isDrawn = false;
  }
}

/** The bar is erased when the work ends, even if it fails. */
export async function withProgress<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = new Progress();
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}
