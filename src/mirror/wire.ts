// SPDX-License-Identifier: MIT
// The decoder of wire batches, twin of native/core/wire.h, where the byte layout is drawn. A batch
// is checked as a whole before any of it is used: a damaged one leaves the mirror as it was.
import { TracemallocError } from '../errors.js';
import { runThrough, type Steps } from '../host/steps.js';
import { murmurHash } from './murmur-hash.js';
import type { WireCounters, WireFrame, WireSite } from './rows.js';
import { DOMAINS } from './rows.js';
import { Scripts } from './scripts.js';

const MAGIC = 0x32424d54;
const HEADER = 88;
const COUNTERS = 56;
const TYPED = 24;
const FRAME = 24;
const SITE = 16;

/** By id. */
interface Lists {
  readonly strings: string[];
  readonly frames: WireFrame[];
  readonly sites: WireSite[];
  /** Each site's. */
  readonly counters: WireCounters[];
}

// The counters of a site to which no sample was charged.
const NOTHING: WireCounters = {
  liveSamples: 0,
  liveSize: 0,
  liveCount: 0,
  liveVariance: 0,
  allocatedSize: 0,
  allocatedCount: 0,
  types: [],
};

/**
 * The addon's tables as far as they have been sent. Ids are indices, and are valid until the next
 * batch: if that removes something, the lists are replaced, and the previous lists are not changed.
 */
export class Mirror {
  /** The sequence of the last applied batch, to acknowledge it. 0: send everything. */
  sequence = 0;
  tracedCurrent = 0;
  tracedPeak = 0;
  readonly #scripts: Scripts;
  #lists: Lists = { strings: [], frames: [], sites: [], counters: [] };
  #underWay: Steps<void> | undefined;
  #isInStep = false;

  /** @param scripts - of its frames: those of a batch must be there before it is applied. */
  constructor(scripts = new Scripts(() => undefined)) {
    this.#scripts = scripts;
  }

  get sites(): readonly WireSite[] {
    return this.#lists.sites;
  }

  /** Each site's. */
  get counters(): readonly WireCounters[] {
    return this.#lists.counters;
  }

  string(id: number): string | undefined {
    return this.#lists.strings[id];
  }

  /**
   * Applies one batch completely or not at all.
   *
   * @throws TracemallocError ERR_CORRUPT_BATCH; `sequence` is then 0, so that the next batch has
   *   everything.
   */
  apply(buffer: ArrayBuffer): void {
    runThrough(this.applying(buffer));
  }

  /**
   * As {@link apply}, in steps; the batch becomes visible at the last step. To take the next batch
   * before that, call {@link finish} first.
   */
  *applying(buffer: ArrayBuffer): Steps<void> {
    this.finish();
    const steps = this.#checked(buffer);
    this.#underWay = steps;
    while (this.#underWay === steps) {
      if (this.#isLast(steps)) this.#underWay = undefined;
      else yield;
    }
  }

  /** True in the middle of a step, and after one that was terminated. */
  get isInStep(): boolean {
    return this.#isInStep;
  }

  /** Applies the rest of a batch that is being applied in steps. Throws as {@link apply}. */
  finish(): void {
    // A step that did not return was terminated, by a time limit of `vm`: it can't be continued.
    if (this.#isInStep) this.forget();
    const steps = this.#underWay;
    this.#underWay = undefined;
    while (steps !== undefined && !this.#isLast(steps));
  }

  /** Makes the next batch send everything. */
  forget(): void {
    this.#underWay = undefined;
    this.#isInStep = false;
    this.sequence = 0;
  }

  /** Does the next step. */
  #isLast(steps: Steps<void>): boolean {
    this.#isInStep = true;
    const { done } = steps.next();
    this.#isInStep = false;
    return done === true;
  }

  *#checked(buffer: ArrayBuffer): Steps<void> {
    try {
      yield* this.#apply(buffer);
    } catch (cause) {
      this.forget();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TracemallocError(
        'ERR_CORRUPT_BATCH',
        `the addon's figures arrived damaged (${reason}); the next snapshot reads all of them again`,
        { cause },
      );
    }
  }

  *#apply(buffer: ArrayBuffer): Steps<void> {
    const view = new DataView(buffer);
    check(buffer.byteLength >= HEADER, `${buffer.byteLength} bytes are no header`);
    const u32 = (at: number) => view.getUint32(at, true);
    const f64 = (at: number) => view.getFloat64(at, true);
    check(u32(0) === MAGIC, 'wrong magic');
    check(u32(4) === buffer.byteLength, `${u32(4)} bytes announced, ${buffer.byteLength} came`);
    check(u32(8) === (yield* murmurHash(buffer, 12)), 'wrong checksum');

    const base = u32(12);
    const [firstString, stringCount] = [u32(20), u32(24)];
    const [firstFrame, frameCount] = [u32(28), u32(32)];
    const [firstSite, siteCount, siteFrameCount] = [u32(36), u32(40), u32(44)];
    const [counterCount, typedCount, stringBytes] = [u32(48), u32(52), u32(56)];
    const [goneStrings, goneFrames, goneSites] = [u32(60), u32(64), u32(68)];
    const countersAt = HEADER;
    const typedAt = countersAt + counterCount * COUNTERS;
    const goneAt = typedAt + typedCount * TYPED;
    const framesAt = goneAt + (goneStrings + goneFrames + goneSites) * 4;
    const sitesAt = framesAt + frameCount * FRAME;
    const siteFramesAt = sitesAt + siteCount * SITE;
    const stringEndsAt = siteFramesAt + siteFrameCount * 4;
    const stringDataAt = stringEndsAt + stringCount * 4;
    check(stringDataAt + stringBytes === buffer.byteLength, 'sections do not add up');
    check(u32(16) > base, `sequence ${u32(16)} after ${base}`);
    check(base === 0 || base === this.sequence, `builds on ${base}, not on ${this.sequence}`);

    const before: Lists =
      base === 0 ? { strings: [], frames: [], sites: [], counters: [] } : this.#lists;
    const gone = (first: number, count: number) =>
      Array.from({ length: count }, (_, i) => u32(goneAt + (first + i) * 4));
    const goneSiteIds = gone(goneStrings + goneFrames, goneSites);
    const lists: Lists = {
      strings: without(before.strings, gone(0, goneStrings)),
      frames: without(before.frames, gone(goneStrings, goneFrames)),
      sites: without(before.sites, goneSiteIds),
      counters: without(before.counters, goneSiteIds),
    };
    check(firstString === lists.strings.length, 'strings do not continue');
    check(firstFrame === lists.frames.length, 'frames do not continue');
    check(firstSite === lists.sites.length, 'sites do not continue');
    const totalSites = firstSite + siteCount;

    const strings: string[] = [];
    const decoder = new TextDecoder();
    for (let i = 0, begin = 0; i < stringCount; i++) {
      const end = u32(stringEndsAt + i * 4);
      check(end >= begin && end <= stringBytes, 'string out of bounds');
      strings.push(decoder.decode(new Uint8Array(buffer, stringDataAt + begin, end - begin)));
      begin = end;
      yield;
    }
    const lastEnd = stringCount === 0 ? 0 : u32(stringDataAt - 4);
    check(lastEnd === stringBytes, 'string bytes left over');
    const text = (id: number): string => {
      const string = id < firstString ? lists.strings[id] : strings[id - firstString];
      if (string === undefined) throw new Error(`no string ${id}`);
      return string;
    };

    const frames: WireFrame[] = [];
    for (let i = 0, at = framesAt; i < frameCount; i++, at += FRAME) {
      const flags = u32(at + 20);
      frames.push({
        functionName: text(u32(at)),
        filename: text(u32(at + 4)),
        line: u32(at + 8),
        column: u32(at + 12),
        isApproximate: (flags & 1) !== 0,
        isNative: (flags & 2) !== 0,
        isNearColumn: (flags & 4) !== 0,
        script: this.#scripts.get(u32(at + 16)),
      });
      yield;
    }

    const sites: WireSite[] = [];
    let frameAt = siteFramesAt;
    for (let i = 0, at = sitesAt; i < siteCount; i++, at += SITE) {
      const domain = DOMAINS[u32(at)];
      if (domain === undefined) throw new Error(`no domain ${u32(at)}`);
      const stack: WireFrame[] = [];
      const end = frameAt + u32(at + 4) * 4;
      check(end <= stringEndsAt, 'site frames out of bounds');
      for (; frameAt < end; frameAt += 4) {
        const id = u32(frameAt);
        const frame = id < firstFrame ? lists.frames[id] : frames[id - firstFrame];
        if (frame === undefined) throw new Error(`no frame ${id}`);
        stack.push(frame);
      }
      sites.push({ domain, labels: u32(at + 12), frames: stack, totalFrames: u32(at + 8) });
      yield;
    }
    check(frameAt === stringEndsAt, 'site frames left over');

    const changed: [number, WireCounters][] = [];
    let typeAt = typedAt;
    for (let i = 0, at = countersAt; i < counterCount; i++, at += COUNTERS) {
      check(u32(at) < totalSites, `no site ${u32(at)}`);
      const types = [];
      const end = typeAt + u32(at + 12) * TYPED;
      check(end <= goneAt, 'types out of bounds');
      for (; typeAt < end; typeAt += TYPED) {
        const size = finite(f64(typeAt + 8));
        types.push({ type: text(u32(typeAt)), size, count: finite(f64(typeAt + 16)) });
      }
      changed.push([
        u32(at),
        {
          liveSamples: u32(at + 4),
          liveSize: finite(f64(at + 16)),
          liveCount: finite(f64(at + 24)),
          liveVariance: finite(f64(at + 32)),
          allocatedSize: finiteOrUnknown(f64(at + 40)),
          allocatedCount: finiteOrUnknown(f64(at + 48)),
          types,
        },
      ]);
      yield;
    }
    check(typeAt === goneAt, 'types left over');
    const tracedCurrent = finite(f64(72));
    const tracedPeak = finite(f64(80));

    // Everything is valid: from here on nothing can fail.
    for (const string of strings) lists.strings.push(string);
    for (const frame of frames) lists.frames.push(frame);
    for (const site of sites) {
      lists.sites.push(site);
      lists.counters.push(NOTHING);
    }
    for (const [id, counters] of changed) lists.counters[id] = counters;
    this.#lists = lists;
    this.#scripts.apply(lists.frames, base === 0 || goneFrames > 0);
    this.sequence = u32(16);
    this.tracedCurrent = tracedCurrent;
    this.tracedPeak = tracedPeak;
  }
}

/** Returns the list itself if nothing is removed. */
function without<T>(list: T[], gone: readonly number[]): T[] {
  if (gone.length === 0) return list;
  let next = 0;
  const kept = list.filter((_, id) => id !== gone[next] || !++next);
  check(next === gone.length, 'what is gone was not there, or not in order');
  return kept;
}

function check(sound: boolean, reason: string): void {
  if (!sound) throw new Error(reason);
}

function finite(figure: number): number {
  check(Number.isFinite(figure), `a figure of ${figure}`);
  return figure;
}

function finiteOrUnknown(figure: number): number {
  return Number.isNaN(figure) ? figure : finite(figure);
}
