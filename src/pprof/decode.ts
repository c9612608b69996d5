// SPDX-License-Identifier: MIT
// pprof to snapshot: our own profiles are restored exactly, those of other tools as far as they can
// be.
import type { Location, Profile } from 'pprof-format';
import type { Age } from '../traces/age.js';
import type { SnapshotData, SnapshotFacts } from '../traces/facts.js';
import { Frame } from '../traces/frame.js';
import { type Labels, NO_LABELS } from '../traces/labels.js';
import { DistinctSequences, type Expected, Sequences } from '../traces/sequences.js';
import { type RowFigures, type RowStack, TableBuilder } from '../traces/table-builder.js';
import type { TypeShare } from '../traces/trace.js';
import type { TraceTable } from '../traces/trace-table.js';
import { check, parseFacts } from './facts.js';
import {
  AGE_COMMENT,
  FACTS_COMMENT,
  FIGURES_COMMENT,
  FIXED_FIGURES,
  isAnonymousName,
  restOf,
} from './profile.js';
import {
  type OnProgress,
  type RawSample,
  type SplitProfile,
  type Strings,
  splitProfile,
} from './split.js';

/** A sample as a row of its own, in whole numbers. Valid until the next is read. */
interface Sample extends RowFigures, RowStack {
  readonly labels: Labels;
  /** The type of its objects; undefined: unknown. */
  readonly type: string | undefined;
}

/** @throws Error, whose message says what is wrong, when this is not a valid heap profile. */
export function decodeProfile(bytes: Uint8Array, onProgress?: OnProgress): SnapshotData {
  const reader = new ProfileReader(splitProfile(bytes, onProgress));
  const stored = reader.comments(FACTS_COMMENT).next().value;
  if (stored === undefined) {
    const traces = gathered(reader);
    return { traces, facts: reader.facts(traces) };
  }
  const { version: _, traces: length, approximate, ...facts } = parseFacts(stored);
  const traces = restored(reader, length, new Set(approximate));
  return { traces: traces ?? gathered(reader, new Set(approximate)), facts };
}

function gathered(reader: ProfileReader, approximate?: ReadonlySet<number>): TraceTable {
  const builder = new TableBuilder(new DistinctSequences(reader.expected));
  for (const sample of reader.samples(builder, approximate)) builder.add(sample, sample);
  return builder.build();
}

// Undefined: another tool has changed the samples since, so its whole numbers are used.
function restored(
  reader: ProfileReader,
  length: number,
  approximate: ReadonlySet<number>,
): TraceTable | undefined {
  const builder = new TableBuilder(new Sequences(reader.expected));
  const samples = reader.samples(builder, approximate);
  const ages = reader.comments(AGE_COMMENT);
  let rows = 0;
  for (const comment of reader.comments(FIGURES_COMMENT)) {
    rows += 1;
    const row = parseFigures(comment);
    const [size, count, allocatedSize, allocatedCount, taken, variance, totalFrames] = row;
    const types: TypeShare[] = [];
    let typed = 0;
    for (let i = FIXED_FIGURES; i < row.length; i += 2) {
      const sample = samples.next().value;
      const share = { size: row[i] ?? 0, count: row[i + 1] ?? 0 };
      if (sample?.type === undefined || sample.size !== Math.round(share.size)) return undefined;
      types.push({ type: sample.type, ...share });
      typed += sample.size;
    }
    const rest = samples.next().value;
    if (rest === undefined || rest.type !== undefined) return undefined;
    if (rest.allocatedSize !== Math.round(allocatedSize ?? 0)) return undefined;
    if (rest.size !== restOf({ types }, Math.round(size ?? 0) - typed)) return undefined;
    builder.add(
      {
        domain: rest.domain,
        labels: rest.labels,
        size: size ?? 0,
        count: count ?? 0,
        allocatedSize: allocatedSize ?? undefined,
        allocatedCount: allocatedCount ?? undefined,
        samples: taken ?? 0,
        variance: variance ?? 0,
        types: types.length > 0 ? types : NO_TYPES,
        age: parseAge(ages.next().value),
      },
      { stack: rest.stack, depth: rest.depth, totalFrames: totalFrames ?? 0 },
    );
  }
  return rows === length && samples.next().done ? builder.build() : undefined;
}

function parseFigures(comment: string): (number | null)[] {
  const row: unknown = JSON.parse(comment);
  const isSound =
    Array.isArray(row) &&
    row.length >= FIXED_FIGURES &&
    (row.length - FIXED_FIGURES) % 2 === 0 &&
    row.every((n, i) => Number.isFinite(n) || (n === null && (i === 2 || i === 3)));
  check(isSound, 'damaged figures');
  return row as (number | null)[];
}

function parseAge(comment: string | undefined): Age | undefined {
  const row: unknown = comment === undefined ? [] : JSON.parse(comment);
  const isSound =
    Array.isArray(row) &&
    [0, 3].includes(row.length) &&
    row.every((n, i) => (Number.isFinite(n) && n >= 0) || (n === null && i === 2));
  check(isSound, 'damaged ages');
  const [mean, oldest, collections] = row as [number?, number?, (number | null)?];
  if (mean === undefined || oldest === undefined) return undefined;
  return { mean, oldest, collections: collections ?? undefined };
}

const NO_TYPES: readonly TypeShare[] = [];

const SIZE = ['inuse_space', 'space'] as const;

/** Labels that say what a sample is; all others are the program's. */
const OWN_LABELS = ['domain', 'type'];

class ProfileReader {
  readonly #profile: Profile;
  readonly #strings: Strings;
  readonly #samples: Iterable<RawSample>;
  readonly #types: readonly string[];
  /** Stacks, of all samples. */
  readonly expected: Expected;

  constructor({ profile, strings, samples, sampleCount, locationCount }: SplitProfile) {
    this.#profile = profile;
    this.#strings = strings;
    this.#samples = samples;
    // The domain precedes the frames of each stack.
    this.expected = { sequences: sampleCount, items: sampleCount + locationCount };
    this.#types = profile.sampleType.map(({ type }) => strings.at(type));
    check(this.#types.length > 0 && strings.at(0) === '', 'not a pprof profile');
    check(this.#indexOf(...SIZE) >= 0, `no live bytes among ${this.#types.join(', ')}`);
  }

  /** The comments that begin with `prefix`, without it. */
  *comments(prefix: string): Generator<string, undefined> {
    for (const id of this.#profile.comment) {
      const comment = this.#strings.at(id);
      if (comment.startsWith(prefix)) yield comment.slice(prefix.length);
    }
  }

  /**
   * In order, read while they are iterated.
   *
   * @param builder - frames are added to it.
   * @param approximate - ids of locations whose line is not exact.
   */
  *samples(
    builder: TableBuilder,
    approximate: ReadonlySet<number> = new Set(),
  ): Generator<Sample, undefined> {
    const framesOf = this.#frames(builder, approximate);
    const size = this.#indexOf(...SIZE);
    const count = this.#indexOf('inuse_objects', 'objects');
    const allocatedSize = this.#indexOf('alloc_space');
    const allocatedCount = this.#indexOf('alloc_objects');
    const labels = new SampleLabels(this.#strings);
    const stack: number[] = [];
    for (const { locations, depth: locationCount, values, valueCount, labels: raw } of this
      .#samples) {
      check(valueCount === this.#types.length, 'a sample lacks values');
      let depth = 0;
      for (let i = locationCount - 1; i >= 0; i--) {
        const frames = framesOf.get(locations[i] as number);
        if (frames === undefined) throw new Error(`no location ${locations[i]}`);
        for (const frame of frames) stack[depth++] = frame;
      }
      const type = labels.find(raw, 'type');
      const share = { size: values[size] ?? 0, count: values[count] ?? 0 };
      yield {
        domain: labels.find(raw, 'domain') ?? 'heap',
        labels: labels.others(raw),
        size: share.size,
        count: share.count,
        allocatedSize: values[allocatedSize],
        allocatedCount: values[allocatedCount],
        // A foreign profile does not say on how many samples a figure rests.
        samples: 0,
        variance: 0,
        totalFrames: 0,
        types: type === undefined ? NO_TYPES : [{ type, ...share }],
        type,
        stack,
        depth,
      };
    }
  }

  /** The facts of a profile from another tool. */
  facts(traces: TraceTable): SnapshotFacts {
    const memoryUsage = { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
    return {
      tracebackLimit: Math.max(1, traces.deepest),
      sampleInterval: whole(this.#profile.period),
      timestamp: Math.floor(whole(this.#profile.timeNanos) / 1e6),
      duration: whole(this.#profile.durationNanos) / 1e6 || undefined,
      domains: [...new Set(traces.columns.origins.map(({ domain }) => domain))],
      precision: 'line',
      process: { pid: 0, threadId: 0, nodeVersion: '', memoryUsage },
    };
  }

  // Numbers of the frames of a location, oldest first: several where functions were inlined.
  #frames(builder: TableBuilder, approximate: ReadonlySet<number>): Map<number, readonly number[]> {
    const functions = new Map(this.#profile.function.map((f) => [whole(f.id), f]));
    const toFrames = (location: Location): Frame[] => {
      if (location.line.length === 0) {
        return [new Frame('', 0, { functionName: `0x${BigInt(location.address).toString(16)}` })];
      }
      return location.line.map(({ functionId, line, column }) => {
        const known = functions.get(whole(functionId));
        if (known === undefined) throw new Error(`no function ${functionId}`);
        const name = this.#strings.at(known.name);
        const filename = this.#strings.at(known.filename);
        const isNameless =
          this.#strings.at(known.systemName) === '' && (name === filename || isAnonymousName(name));
        return new Frame(filename, whole(line), {
          column: whole(column),
          functionName: isNameless ? '' : name,
          approximate: approximate.has(whole(location.id)),
        });
      });
    };
    return new Map(
      this.#profile.location.map((location) => {
        const oldestFirst = toFrames(location).reverse();
        return [whole(location.id), oldestFirst.map((frame) => builder.frame(frame))];
      }),
    );
  }

  #indexOf(...names: readonly string[]): number {
    return this.#types.findIndex((type) => names.includes(type));
  }
}

// Many samples, few different labels.
class SampleLabels {
  readonly #strings: Strings;
  readonly #known = new Map<number, string>();
  readonly #sets = new Map<string, Labels>();

  constructor(strings: Strings) {
    this.#strings = strings;
  }

  find(labels: RawSample['labels'], key: string): string | undefined {
    for (const label of labels) if (this.#text(label.key) === key) return this.#text(label.str);
    return undefined;
  }

  /** Those of the program; numbers, which other tools write, are left out. */
  others(labels: RawSample['labels']): Labels {
    let ids = '';
    for (const { key, str } of labels) {
      if (!OWN_LABELS.includes(this.#text(key)) && this.#text(str) !== '') ids += `${key} ${str} `;
    }
    if (ids === '') return NO_LABELS;
    let set = this.#sets.get(ids);
    if (set === undefined) {
      const numbers = ids.trimEnd().split(' ').map(Number);
      const texts = numbers.map((id) => this.#text(id));
      const pairs = texts.flatMap((text, i) => (i % 2 === 0 ? [[text, texts[i + 1]]] : []));
      set = Object.freeze(Object.fromEntries(pairs)) as Labels;
      this.#sets.set(ids, set);
    }
    return set;
  }

  #text(id: number): string {
    let text = this.#known.get(id);
    if (text === undefined) {
      text = this.#strings.at(id);
      this.#known.set(id, text);
    }
    return text;
  }
}

// Fields are 64 bits wide; pprof-format leaves those of more than four bytes unsigned bigints.
function whole(value: number | bigint): number {
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : value;
}
