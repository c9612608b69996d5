// SPDX-License-Identifier: MIT
// The tracing that a test's body is measured with. There is one session per thread, so measurements
// that are asked for at the same time wait for each other.
import { shown, TracemallocError } from '../errors.js';
import { packageVersion } from '../files/package-files.js';
import { clearTimeout, setTimeout } from '../host/real-time.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import { tracingEpoch } from '../session.js';
import { isTracing, start, status, stop } from '../tracer.js';
import { type Caller, placeOf } from './caller.js';
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

/** A measurement that is under way, or was. */
interface Measurement {
  /** `file:line` of the test. */
  readonly place: string;
  isActive: boolean;
  /** Runs that have begun. */
  runs: number;
}

const shared = sharedByCopies(`${packageVersion} testing`, () => ({
  last: Promise.resolve() as Promise<unknown>,
  active: undefined as Measurement | undefined,
  inside: new AsyncLocalStorage<Measurement>(),
}));

export interface MeasureOptions {
  /** Bytes, for a session of its own. */
  readonly sampleInterval: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly caller: Caller;
}

export interface Measuring {
  /** Every allocation is a sample. */
  readonly isExact: boolean;
  /** Runs the body once. */
  readonly run: <T>(body: Body<T>) => Promise<T>;
  /**
   * To be called after the last run and the last reading: what follows may take its time.
   *
   * @throws TracemallocError ERR_NOT_TRACING.
   */
  readonly finish: () => void;
}

/**
 * Calls `measure` while tracing, alone in this thread. A session that is running already is used,
 * with its interval, and goes on afterwards.
 */
export function whileTracing<T>(
  options: MeasureOptions,
  measure: (measuring: Measuring) => Promise<T>,
): Promise<T> {
  if (shared.inside.getStore()?.isActive) {
    const message =
      'measurements of memory cannot be nested: this one was asked for in the body of another';
    return Promise.reject(new TracemallocError('ERR_BUSY', message));
  }
  const before = shared.last;
  const result = endOf(before, options).then(() => measureAlone(options, measure));
  // The next one waits for a measurement that gave up waiting, too: the one before that goes on.
  shared.last = Promise.allSettled([before, result]);
  return result;
}

/** Resolves when `before` does; rejects when one single measurement has not ended in time. */
function endOf(before: Promise<unknown>, { timeout }: MeasureOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (seen: Measurement | undefined) => {
      timer = setTimeout(() => {
        const { active } = shared;
        if (active === undefined || active !== seen) wait(active);
        else reject(timedOut(`waited ${timeout} ms for ${shownMeasurement(active)}`));
      }, timeout);
    };
    wait(shared.active);
    before.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const timedOut = (what: string) => new TracemallocError('ERR_TIMEOUT', `${what} (option timeout)`);

const shownMeasurement = ({ place, runs }: Measurement) =>
  `the measurement at ${place === '' ? 'an unknown place' : place}, whose body is in run ${runs}`;

async function measureAlone<T>(
  { sampleInterval, timeout, caller }: MeasureOptions,
  measure: (measuring: Measuring) => Promise<T>,
): Promise<T> {
  const isOurs = !isTracing();
  if (isOurs) {
    prepareCollection();
    start({ sampleInterval, precision: 'line' });
  }
  const measurement: Measurement = { place: placeOf(caller), isActive: true, runs: 0 };
  shared.active = measurement;
  try {
    const { precision, sampleInterval: interval, sampling } = status();
    if (precision !== 'line') {
      throw new TracemallocError(
        'ERR_UNSUPPORTED_PRECISION',
        'measuring a test needs line precision, and this thread is tracing by function',
      );
    }
    const isExact = interval === 1 && sampling?.isSelfTuning !== true;
    return await inTime(timeout, measurement, async (disarm) => {
      await collectAll();
      const check = checking(measurement);
      const run = async <R>(body: Body<R>) => {
        check();
        measurement.runs++;
        const result = await shared.inside.run(measurement, async () => body());
        check();
        return result;
      };
      const finish = () => {
        check();
        disarm();
      };
      return measure({ isExact, run, finish });
    });
  } finally {
    measurement.isActive = false;
    shared.active = undefined;
    if (isOurs) stop();
  }
}

/** Returns what throws if this is not the tracing any more that the measurement began with. */
function checking(measurement: Measurement): () => void {
  const epoch = tracingEpoch();
  return () => {
    if (measurement.isActive && tracingEpoch() === epoch) return;
    throw new TracemallocError(
      'ERR_NOT_TRACING',
      'tracing was stopped, restarted or cleared while memory was measured, by the body or by other code of this thread',
    );
  };
}

/** Does the work; if it takes longer, it is left to itself. */
function inTime<T>(
  timeout: number,
  measurement: Measurement,
  work: (disarm: () => void) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(timedOut(`${shownMeasurement(measurement)}, took more than ${timeout} ms`));
    }, timeout);
    const disarm = () => clearTimeout(timer);
    work(disarm).finally(disarm).then(resolve, reject);
  });
}
