// SPDX-License-Identifier: MIT
// The tracing that a test's body is measured with. There is one session per thread, so measurements
// that are asked for at the same time wait for each other.
import { shown, TracemallocError } from '../errors.js';
import { packageVersion } from '../files/package-files.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import { isTracing, start, status, stop } from '../tracer.js';
import { collectAll, prepareCollection } from './collection.js';

const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');

/** What a test gives to be measured. */
export type Body<T = unknown> = () => T | PromiseLike<T>;

/** @throws TracemallocError ERR_INVALID_ARGUMENT. */
export function requireBody(body: unknown): void {
  if (typeof body === 'function') return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `what is measured must be a function, not ${shown(body)}`,
  );
}

const shared = sharedByCopies(`${packageVersion} testing`, () => ({
  last: Promise.resolve() as Promise<unknown>,
  inside: new AsyncLocalStorage<true>(),
}));

export interface Measuring {
  /** Every allocation is a sample. */
  readonly isExact: boolean;
  /** Runs the body once. */
  readonly run: <T>(body: Body<T>) => Promise<T>;
}

/**
 * Calls `measure` while tracing, alone in this thread. A session that is running already is used,
 * with its interval, and goes on afterwards.
 *
 * @param sampleInterval - bytes, for a session of its own.
 */
export function whileTracing<T>(
  sampleInterval: number,
  measure: (measuring: Measuring) => Promise<T>,
): Promise<T> {
  if (shared.inside.getStore() !== undefined) {
    const message =
      'measurements of memory cannot be nested: this one was asked for in the body of another';
    return Promise.reject(new TracemallocError('ERR_BUSY', message));
  }
  const result = shared.last.then(() => measureAlone(sampleInterval, measure));
  shared.last = result.catch(() => {});
  return result;
}

async function measureAlone<T>(
  sampleInterval: number,
  measure: (measuring: Measuring) => Promise<T>,
): Promise<T> {
  const isOurs = !isTracing();
  if (isOurs) {
    prepareCollection();
    start({ sampleInterval, precision: 'line' });
  }
  try {
    const { precision, sampleInterval: interval, sampling } = status();
    if (precision !== 'line') {
      throw new TracemallocError(
        'ERR_UNSUPPORTED_PRECISION',
        'measuring a test takes line precision, and this thread is tracing by function',
      );
    }
    const isExact = interval === 1 && sampling?.isSelfTuning !== true;
    await collectAll();
    return await measure({ isExact, run: async (body) => shared.inside.run(true, body) });
  } finally {
    if (isOurs) stop();
  }
}
