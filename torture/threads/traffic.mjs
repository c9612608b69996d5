// SPDX-License-Identifier: MIT
// The work of each thread: allocates and frees memory outside the heap, and starts and stops
// tracing.
import assert from 'node:assert/strict';
import * as tracemalloc from '../../dist/index.js';

const KEPT = 64;
const INTERVALS = [1, 1, 64, 4096, 524_288];
const DOMAINS = [['buffer'], ['buffer'], ['heap'], ['heap', 'buffer']];
// 'function' is slow: V8 sums up its samples.
const PRECISIONS = [...Array(8).fill('auto'), 'function'];
const SIZE = 20_000;

const ways = {
  zeroed: (size) => new ArrayBuffer(size),
  unset: (size) => Buffer.allocUnsafeSlow(size).buffer,
  pooled: (size) => Buffer.from('x'.repeat(size % 1000)).buffer,
  typed: (size) => new Float64Array(size >> 3).buffer,
  cloned: (size) => structuredClone(new ArrayBuffer(size)),
  moved(size) {
    const buffer = new ArrayBuffer(size);
    return structuredClone(buffer, { transfer: [buffer] });
  },
  // Node 22 has it.
  transferred: (size) => new ArrayBuffer(size).transfer?.(size >> 1) ?? new ArrayBuffer(size),
};
// Each of these reserves address space.
const slowWays = {
  shared: (size) => new SharedArrayBuffer(size),
  resized(size) {
    const buffer = new ArrayBuffer(size, { maxByteLength: 2 * size });
    buffer.resize(size + (size >> 1));
    return buffer;
  },
  webAssembly() {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    memory.grow(1);
    return memory.buffer;
  },
};
const WAYS = Object.values(ways);
const SLOW_WAYS = Object.values(slowWays);

export class Traffic {
  steps = 0;
  #random;
  #untraced;
  #send;
  #kept = new Array(KEPT);
  #word = new Int32Array(new SharedArrayBuffer(4));

  /** `send` transfers a buffer to another thread. */
  constructor({ random, untraced, send }) {
    this.#random = random;
    this.#untraced = untraced;
    this.#send = send;
  }

  keep(buffer) {
    this.#kept[this.#random.int(KEPT)] = buffer;
  }

  /** One random action. */
  async step() {
    this.steps++;
    const action = this.#random.weighted(ACTIONS);
    await action.call(this);
    this.#check();
  }

  // Checks the tracker's own counters of errors.
  #check() {
    const { bufferWrongSizes = 0, bufferMissedDeaths = 0 } = tracemalloc.status().diagnostics;
    assert.deepEqual(
      { bufferWrongSizes, bufferMissedDeaths },
      { bufferWrongSizes: 0, bufferMissedDeaths: 0 },
    );
    assert(tracemalloc.status().samples < 1e6, `${tracemalloc.status().samples} live samples`);
    // The sum of births minus the same numbers at deaths is 0, except for rounding.
    assert(
      tracemalloc.getTracedMemory().current > -1,
      `${tracemalloc.getTracedMemory().current} live bytes`,
    );
  }

  churn() {
    for (let i = this.#random.magnitude(400); i > 0; i--) {
      const make = this.#random.pick(this.#random.chance(0.03) ? SLOW_WAYS : WAYS);
      const buffer = make(this.#random.magnitude(SIZE));
      if (this.#random.chance(0.1)) this.keep(buffer);
    }
  }

  give() {
    for (let i = this.#random.magnitude(20); i > 0; i--) {
      this.#send(
        this.#random.pick([ways.zeroed, slowWays.shared, ways.moved])(1 + this.#random.int(SIZE)),
      );
    }
  }

  collect() {
    globalThis.gc({ type: this.#random.chance(0.9) ? 'minor' : 'major' });
  }

  start() {
    if (this.#untraced) return;
    tracemalloc.start({
      sampleInterval: this.#random.pick(INTERVALS),
      domains: this.#random.pick(DOMAINS),
      precision: this.#random.pick(PRECISIONS),
    });
  }

  stop() {
    tracemalloc.stop();
  }

  clear() {
    tracemalloc.clearTraces();
  }

  // Starts and stops as fast as possible, while earlier buffers are freed on V8's threads.
  flicker() {
    if (this.#untraced) return;
    const options = { sampleInterval: 1, domains: ['buffer'] };
    const anew = () => {
      tracemalloc.stop();
      tracemalloc.start(options);
    };
    anew();
    for (let i = this.#random.magnitude(100); i > 0; i--) {
      for (let size = this.#random.magnitude(1000); size > 0; size--) new ArrayBuffer(size);
      globalThis.gc({ type: 'minor' });
      if (this.#random.chance(0.5)) anew();
      else tracemalloc.clearTraces();
      this.#check();
    }
  }

  look() {
    if (tracemalloc.isTracing()) tracemalloc.takeSnapshot();
    tracemalloc.getObjectTraceback(this.#random.pick(this.#kept) ?? {});
    if (this.#random.chance(0.2)) tracemalloc.getMemoryLedger();
    tracemalloc.resetPeak();
  }

  // Reads all threads, some of which end meanwhile.
  async lookAtAll() {
    if (!tracemalloc.isTracing()) return;
    tracemalloc.shareSnapshots();
    await tracemalloc.takeProcessSnapshot({ timeout: 20 });
  }

  // Blocks the thread without running JavaScript or turning the event loop.
  wait() {
    Atomics.wait(this.#word, 0, 0, this.#random.magnitude(100));
  }
}

const { churn, give, collect, start, stop, clear, flicker, look, lookAtAll, wait } =
  Traffic.prototype;
const ACTIONS = [
  [10, churn],
  [6, give],
  [6, collect],
  [4, start],
  [2, stop],
  [2, clear],
  [4, flicker],
  [1, look],
  [0.5, lookAtAll],
  [0.5, wait],
];
