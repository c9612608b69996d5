// SPDX-License-Identifier: MIT
// Compression streams are watched from when the application has loaded `node:zlib`. That is its
// decision, since it costs milliseconds and up to a megabyte, and until then what watches them is not
// loaded either: it is looked for now and then.
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

  // So it is noticed before tracing has been on for twice as long as when it was loaded.
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
