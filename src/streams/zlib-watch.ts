// SPDX-License-Identifier: MIT
// Compression streams are observed once the application has loaded `node:zlib`, which we never load
// ourselves, since it costs milliseconds and up to a megabyte. Until then the code that observes
// them is not loaded either; whether zlib is loaded is checked at growing intervals.
import { quietly } from '../host/quietly.js';
import { clearTimeout, setTimeout } from '../host/real-time.js';
import parts from '../late-parts.cjs';
import type { Trace } from '../traces/trace.js';
import type { CompressionStreams, StreamOptions } from './compression-streams.js';

const LONGEST_WAIT = 60_000;

export class ZlibWatch {
  readonly #options: StreamOptions;
  #streams: CompressionStreams | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#lookAgain(1);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#streams?.end();
  }

  clear(): void {
    this.#streams?.clear();
  }

  /** All streams as rows, of at most `told` bytes together. */
  traces(told: number): Trace[] {
    this.#look();
    return this.#streams?.traces(told) ?? [];
  }

  // The intervals double: the delay is at most as long as tracing had been on when zlib was loaded.
  #lookAgain(wait: number): void {
    this.#look();
    if (this.#streams !== undefined) return;
    const next = () => this.#lookAgain(Math.min(2 * wait, LONGEST_WAIT));
    this.#timer = setTimeout(() => quietly(next), wait);
    this.#timer.unref();
  }

  #look(): void {
    if (this.#streams !== undefined || !isZlibLoaded()) return;
    clearTimeout(this.#timer);
    const { CompressionStreams } = parts.compressionStreams();
    this.#streams = new CompressionStreams(this.#options);
    this.#streams.begin();
  }
}

function isZlibLoaded(): boolean {
  const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
  return moduleLoadList?.includes('NativeModule zlib') ?? false;
}
