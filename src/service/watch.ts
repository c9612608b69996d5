// SPDX-License-Identifier: MIT
// The primitive of everything periodic: a snapshot at an interval, with what changed.
import { quietly } from '../host/quietly.js';
import { clearTimeout, monotonicNow, setTimeout } from '../host/real-time.js';
import { runInSlices } from '../host/steps.js';
import { OPTIONS } from '../options.js';
import { checkOption, requireKnownOptions, requireOption } from '../rules.js';
import { onStop, preparing } from '../session.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { StatisticDiff } from '../snapshot/statistic.js';
import { takeSnapshot } from '../tracer.js';
import type { Frames } from '../traces/charge.js';
import { recentSnapshot } from './recent-snapshot.js';

/** What {@link watch} accepts. */
export interface WatchOptions {
  /** Time between two changes: a text such as `'10s'`, or milliseconds; at least 10 ms. */
  every: string | number;
  /** What `diff` is grouped by. Default `'lineno'`. */
  keyType?: KeyType;
  /** Which frame of a stack `diff` charges, as in `compareTo`. Default `'all'`. */
  frames?: Frames;
}

/** One turn of {@link watch}. */
export interface Change {
  /** What is live at this moment. */
  readonly snapshot: Snapshot;
  /** The snapshot of the consumer's previous turn; at first, that of the call of `watch()`. */
  readonly previous: Snapshot;
  /** `snapshot` compared with `previous`, the largest change first. Computed when first read. */
  readonly diff: readonly StatisticDiff[];
}

/**
 * Snapshots at an interval, with what changed:
 * `for await (const { diff } of watch({ every: '10s' }))`.
 *
 * The first turn comes one interval after the call. A consumer slower than the interval gets the
 * newest state, at most an interval later, and misses those between; nothing is queued, and no
 * snapshot is taken that no consumer waits for. Watchers that are due together share a snapshot.
 * Ends at `stop()`, on `break`, and by `return()`. It does not keep the process alive: if nothing
 * else does, the process ends in the middle of the wait.
 *
 * @throws TracemallocError ERR_NOT_TRACING; ERR_INVALID_OPTION. Cost: that of `takeSnapshot()` per
 *   turn, most of it before the turn in slices of two milliseconds, and that of `compareTo` if
 *   `diff` is read.
 */
export function watch(options: WatchOptions): AsyncIterableIterator<Change> {
  requireKnownOptions(options, ['every', 'keyType', 'frames']);
  const every = requireOption('every', OPTIONS.every, options?.every);
  const { frames = 'all' } = options;
  return new Watcher(every, {
    keyType: checkOption('keyType', OPTIONS.keyType, options.keyType),
    frames: requireOption('frames', OPTIONS.frames, frames),
  });
}

interface ChangeOptions {
  readonly keyType: KeyType;
  readonly frames: Frames;
}

interface Waiting {
  resolve(result: IteratorResult<Change>): void;
  reject(error: unknown): void;
}

class Watcher implements AsyncIterableIterator<Change> {
  readonly #every: number;
  readonly #options: ChangeOptions;
  readonly #waiting: Waiting[] = [];
  readonly #forgetStop: () => void;
  #previous: Snapshot;
  #due: number;
  /** When the last turn began. */
  #turned: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(every: number, options: ChangeOptions) {
    this.#every = every;
    this.#options = options;
    this.#previous = takeSnapshot();
    this.#due = monotonicNow() + every;
    this.#forgetStop = onStop(() => this.#end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Change>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#schedule();
    });
  }

  return(): Promise<IteratorResult<Change>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  // Only while a consumer waits: an abandoned watcher costs nothing.
  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0) return;
    const now = monotonicNow();
    // If a turn takes longer than the interval, other work must get its turn, too: without a pause,
    // the event loop would run nothing but timers.
    const rest = this.#turned === undefined ? 0 : Math.min(now - this.#turned, this.#every);
    const delay = Math.max(rest, this.#due - now);
    this.#timer = setTimeout(() => void this.#turn(), delay).unref();
  }

  // Never rejects, since no code awaits it.
  async #turn(): Promise<void> {
    try {
      await runInSlices(preparing());
    } catch {
      // The snapshot repeats this work, and reports an error that persists.
    }
    quietly(() => this.#tell());
  }

  #tell(): void {
    if (this.#ended) return;
    this.#timer = undefined;
    const now = monotonicNow();
    this.#turned = now;
    const consumer = this.#waiting.shift();
    this.#due = Math.max(this.#due, now - this.#every) + this.#every;
    try {
      const snapshot = recentSnapshot(Math.min(100, this.#every / 10));
      const change = new Turn(snapshot, this.#previous, this.#options);
      this.#previous = snapshot;
      consumer?.resolve({ done: false, value: change });
      this.#schedule();
    } catch (error) {
      consumer?.reject(error);
      this.#end();
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#forgetStop();
    clearTimeout(this.#timer);
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }
}

class Turn implements Change {
  readonly snapshot: Snapshot;
  readonly previous: Snapshot;
  readonly #options: ChangeOptions;
  #diff: readonly StatisticDiff[] | undefined;

  constructor(snapshot: Snapshot, previous: Snapshot, options: ChangeOptions) {
    this.snapshot = snapshot;
    this.previous = previous;
    this.#options = options;
  }

  get diff(): readonly StatisticDiff[] {
    const { keyType, frames } = this.#options;
    this.#diff ??= this.snapshot.compareTo(this.previous, keyType, { frames });
    return this.#diff;
  }
}
