// SPDX-License-Identifier: MIT
// The decoder of wire batches, twin of native/core/wire.h, where the byte layout is drawn. A batch
// is checked as a whole before any of it is believed: a damaged one leaves the mirror as it was.
import { TracemallocError } from './errors.js';
import { murmurHash } from './murmur-hash.js';
import { runThrough, type Steps } from './steps.js';

const MAGIC = 0x31424d54;
const HEADER = 80;
const COUNTERS = 56;
const TYPED = 24;
const FRAME = 24;
const SITE = 16;
const DOMAINS = ['heap', 'buffer'] as const;

export interface WireFrame {
  readonly functionName: string;
  readonly filename: string;
  readonly line: number;
  readonly column: number;
  readonly isApproximate: boolean;
  readonly isNative: boolean;
}

export interface WireCounters {
  readonly liveSamples: number;
  readonly allocatedSamples: number;
  readonly liveSize: number;
  readonly liveCount: number;
  readonly liveVariance: number;
  /** NaN: unknown. */
  readonly allocatedSize: number;
  readonly allocatedCount: number;
  readonly types: readonly { type: string; size: number; count: number }[];
}

export interface WireSite {
  readonly domain: (typeof DOMAINS)[number];
  /** Innermost first. */
  readonly frames: readonly number[];
  /** 0: unknown. */
  readonly totalFrames: number;
}

/** The addon's tables as far as they have been sent: ids are indices. */
export class Mirror {
  /** Of the last batch applied; what to acknowledge. 0: none, or none that can be built on. */
  sequence = 0;
  tracedCurrent = 0;
  tracedPeak = 0;
  #strings: string[] = [];
  #underWay: Steps<void> | undefined;
  frames: WireFrame[] = [];
  sites: WireSite[] = [];
  counters: WireCounters[] = [];

  string(id: number): string | undefined {
    return this.#strings[id];
  }

  /**
   * Applies one batch, or nothing of it.
   *
   * @throws TracemallocError ERR_CORRUPT_BATCH; the next batch must then be asked for anew, which
   *   `sequence` (now 0) does.
   */
  apply(buffer: ArrayBuffer): void {
    runThrough(this.applying(buffer));
  }

  /**
   * As {@link apply}, in steps; nothing is to be seen of the batch before the last. Who wants the
   * next batch meanwhile calls {@link finish} first.
   */
  *applying(buffer: ArrayBuffer): Steps<void> {
    this.finish();
    const steps = this.#checked(buffer);
    this.#underWay = steps;
    while (this.#underWay === steps) {
      if (steps.next().done) this.#underWay = undefined;
      else yield;
    }
  }

  /** Applies the rest of a batch that is being applied in steps. Throws as {@link apply}. */
  finish(): void {
    const steps = this.#underWay;
    this.#underWay = undefined;
    if (steps !== undefined) runThrough(steps);
  }

  /** Asks for everything anew. */
  forget(): void {
    this.#underWay = undefined;
    this.sequence = 0;
  }

  *#checked(buffer: ArrayBuffer): Steps<void> {
    try {
      yield* this.#apply(buffer);
    } catch (cause) {
      this.forget();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TracemallocError(
        'ERR_CORRUPT_BATCH',
        `the addon's figures arrived damaged (${reason}); the next snapshot reads them afresh`,
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
    const countersAt = HEADER;
    const typedAt = countersAt + counterCount * COUNTERS;
    const framesAt = typedAt + typedCount * TYPED;
    const sitesAt = framesAt + frameCount * FRAME;
    const siteFramesAt = sitesAt + siteCount * SITE;
    const stringEndsAt = siteFramesAt + siteFrameCount * 4;
    const stringDataAt = stringEndsAt + stringCount * 4;
    check(stringDataAt + stringBytes === buffer.byteLength, 'sections do not add up');
    check(u32(16) > base, `sequence ${u32(16)} after ${base}`);
    check(base === 0 || base === this.sequence, `builds on ${base}, not on ${this.sequence}`);

    const known = base === 0 ? { strings: [], frames: [], sites: [] } : this;
    const oldStrings = base === 0 ? [] : this.#strings;
    check(firstString === oldStrings.length, 'strings do not continue');
    check(firstFrame === known.frames.length, 'frames do not continue');
    check(firstSite === known.sites.length, 'sites do not continue');
    const totalFrames = firstFrame + frameCount;
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
      const string = id < firstString ? oldStrings[id] : strings[id - firstString];
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
      });
      yield;
    }

    const sites: WireSite[] = [];
    let frameAt = siteFramesAt;
    for (let i = 0, at = sitesAt; i < siteCount; i++, at += SITE) {
      const domain = DOMAINS[u32(at)];
      if (domain === undefined) throw new Error(`no domain ${u32(at)}`);
      const ids: number[] = [];
      const end = frameAt + u32(at + 4) * 4;
      check(end <= stringEndsAt, 'site frames out of bounds');
      for (; frameAt < end; frameAt += 4) {
        check(u32(frameAt) < totalFrames, `no frame ${u32(frameAt)}`);
        ids.push(u32(frameAt));
      }
      sites.push({ domain, frames: ids, totalFrames: u32(at + 8) });
      yield;
    }
    check(frameAt === stringEndsAt, 'site frames left over');

    const changed: [number, WireCounters][] = [];
    let typeAt = typedAt;
    for (let i = 0, at = countersAt; i < counterCount; i++, at += COUNTERS) {
      check(u32(at) < totalSites, `no site ${u32(at)}`);
      const types = [];
      const end = typeAt + u32(at + 12) * TYPED;
      check(end <= framesAt, 'types out of bounds');
      for (; typeAt < end; typeAt += TYPED) {
        const size = finite(f64(typeAt + 8));
        types.push({ type: text(u32(typeAt)), size, count: finite(f64(typeAt + 16)) });
      }
      changed.push([
        u32(at),
        {
          liveSamples: u32(at + 4),
          allocatedSamples: u32(at + 8),
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
    check(typeAt === framesAt, 'types left over');
    const tracedCurrent = finite(f64(64));
    const tracedPeak = finite(f64(72));

    // Everything is sound: from here on nothing can fail.
    if (base === 0) {
      this.#strings = [];
      this.frames = [];
      this.sites = [];
      this.counters = [];
    }
    for (const string of strings) this.#strings.push(string);
    for (const frame of frames) this.frames.push(frame);
    for (const site of sites) this.sites.push(site);
    for (const [id, counters] of changed) this.counters[id] = counters;
    this.sequence = u32(16);
    this.tracedCurrent = tracedCurrent;
    this.tracedPeak = tracedPeak;
  }
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
