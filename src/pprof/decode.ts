// SPDX-License-Identifier: MIT
// pprof to snapshot: our own profiles come back equal, heap profiles of others as far as they tell.
import type { Location, Profile } from 'pprof-format';
import { type LedgerFigures, type LedgerRow, MemoryLedger } from '../ledger/ledger.js';
import { Frame } from '../snapshot/frame.js';
import { gatherTraces } from '../snapshot/gather.js';
import type { MemoryReading } from '../snapshot/memory-history.js';
import type { SnapshotFacts } from '../snapshot/snapshot.js';
import { Trace, type TypeShare } from '../snapshot/trace.js';
import { Traceback } from '../snapshot/traceback.js';
import {
  ANONYMOUS,
  FACTS_COMMENT,
  FIGURES_COMMENT,
  FIXED_FIGURES,
  restOf,
  type SnapshotData,
  type StoredFacts,
} from './profile.js';
import { type OnProgress, type RawSample, type SplitProfile, splitProfile } from './split.js';

/** Whole numbers of a sample, by meaning. */
interface Values {
  readonly size: number;
  readonly count: number;
  readonly allocatedSize: number | undefined;
  readonly allocatedCount: number | undefined;
}

/** @throws Error, whose message says what is wrong, when this is no sound heap profile. */
export function decodeProfile(bytes: Uint8Array, onProgress?: OnProgress): SnapshotData {
  const reader = new Reader(splitProfile(bytes, onProgress));
  const comments = reader.comments();
  const stored = comments.find((comment) => comment.startsWith(FACTS_COMMENT));
  const facts = stored === undefined ? undefined : parseFacts(stored);
  const rows = comments.filter((comment) => comment.startsWith(FIGURES_COMMENT)).map(parseFigures);
  const rounded = () => reader.traces(new Set(facts?.approximate));
  const exact = facts?.traces === rows.length ? restore(rounded(), rows) : undefined;
  const traces = exact ?? gatherTraces(rounded());
  if (facts === undefined) return { traces, facts: reader.facts(traces) };
  const { version: _, traces: __, approximate: ___, ...rest } = facts;
  return { traces, facts: rest };
}

// Undefined: another tool has changed the samples since, so that its whole numbers are what is true.
function restore(
  samples: Iterator<Trace>,
  rows: readonly (readonly (number | null)[])[],
): Trace[] | undefined {
  const traces: Trace[] = [];
  const next = (): Trace | undefined => samples.next().value;
  for (const row of rows) {
    const typed = Array.from({ length: (row.length - FIXED_FIGURES) / 2 }, next);
    const rest = next();
    if (rest === undefined || rest.types.length > 0) return undefined;
    const [size, count, allocatedSize, allocatedCount, taken, variance, totalFrames] = row;
    const types = [];
    for (const [i, sample] of typed.entries()) {
      const type = sample?.types[0]?.type;
      const figures = row.slice(FIXED_FIGURES + 2 * i);
      if (type === undefined || sample?.size !== Math.round(figures[0] ?? 0)) return undefined;
      types.push({ type, size: figures[0] ?? 0, count: figures[1] ?? 0 });
    }
    if (rest.allocatedSize !== Math.round(allocatedSize ?? 0)) return undefined;
    const whole = typed.reduce((sum, sample) => sum + (sample?.size ?? 0), 0);
    if (rest.size !== restOf({ types }, Math.round(size ?? 0) - whole)) return undefined;
    traces.push(
      new Trace({
        domain: rest.domain,
        size: size ?? 0,
        count: count ?? 0,
        allocatedSize: allocatedSize ?? undefined,
        allocatedCount: allocatedCount ?? undefined,
        samples: taken ?? 0,
        variance: variance ?? 0,
        types,
        traceback: new Traceback(rest.traceback.frames, totalFrames || undefined),
      }),
    );
  }
  return next() === undefined ? traces : undefined;
}

function parseFacts(comment: string): StoredFacts {
  const facts = JSON.parse(comment.slice(FACTS_COMMENT.length)) as StoredFacts;
  check(facts.version === 1, `version ${facts.version} of tracemalloc's notes; 1 is known`);
  const numbers = [facts.traces, facts.tracebackLimit, facts.sampleInterval, facts.timestamp];
  check(numbers.every(Number.isFinite), 'a fact is not a number');
  check(Array.isArray(facts.approximate) && Array.isArray(facts.domains), 'a fact is not a list');
  check(facts.precision === 'line' || facts.precision === 'function', 'unknown precision');
  check(Number.isFinite(facts.process?.memoryUsage?.rss), 'no facts of the process');
  const { ledger, history = [] } = facts.process;
  const isReading = (reading: object) =>
    READING_KEYS.every((key) => Number.isFinite((reading as Partial<MemoryReading>)?.[key]));
  check(Array.isArray(history) && history.every(isReading), 'damaged history');
  if (ledger === undefined) return facts;
  return { ...facts, process: { ...facts.process, ledger: reviveLedger(ledger) } };
}

const READING_KEYS = [
  'time',
  'rss',
  'heapUsed',
  'external',
  'arrayBuffers',
  'traced',
] as const satisfies readonly (keyof MemoryReading)[];

function reviveLedger(ledger: LedgerFigures): MemoryLedger {
  const isSound =
    [ledger.rss, ledger.timestamp].every(Number.isFinite) &&
    Array.isArray(ledger.rows) &&
    ledger.rows.every(
      ({ name, label, bytes }: LedgerRow) =>
        typeof name === 'string' && typeof label === 'string' && Number.isFinite(bytes),
    );
  check(isSound, 'damaged ledger');
  return new MemoryLedger(ledger);
}

function parseFigures(comment: string): (number | null)[] {
  const row: unknown = JSON.parse(comment.slice(FIGURES_COMMENT.length));
  const isSound =
    Array.isArray(row) &&
    row.length >= FIXED_FIGURES &&
    (row.length - FIXED_FIGURES) % 2 === 0 &&
    row.every((n, i) => Number.isFinite(n) || (n === null && (i === 2 || i === 3)));
  check(isSound, 'damaged figures');
  return row as (number | null)[];
}

const NO_TYPES: readonly TypeShare[] = [];

class Reader {
  readonly #profile: Profile;
  readonly #samples: Iterable<RawSample>;
  readonly #strings: readonly string[];
  readonly #types: readonly string[];

  constructor({ profile, samples }: SplitProfile) {
    this.#profile = profile;
    this.#samples = samples;
    this.#strings = profile.stringTable.strings;
    this.#types = profile.sampleType.map(({ type }) => this.#text(type));
    check(this.#types.length > 0 && this.#strings[0] === '', 'not a pprof profile');
    check(this.#sizeIndex() >= 0, `no live bytes among ${this.#types.join(', ')}`);
  }

  comments(): string[] {
    return this.#profile.comment.map((id) => this.#text(id));
  }

  /** One per sample, in order, made while they are iterated. */
  *traces(approximate: ReadonlySet<number>): Generator<Trace, undefined> {
    const frames = this.#frames(approximate);
    for (const sample of this.#samples) {
      check(sample.values.length === this.#types.length, 'a sample lacks values');
      const innermostFirst: Frame[] = [];
      for (const id of sample.locations) {
        const found = frames.get(id);
        if (found === undefined) throw new Error(`no location ${id}`);
        for (const frame of found) innermostFirst.push(frame);
      }
      const traceback = new Traceback(innermostFirst.reverse());
      const values = this.#values(sample);
      const type = this.#label(sample, 'type');
      const { size, count } = values;
      const types = type === undefined ? NO_TYPES : [{ type, size, count }];
      const domain = this.#label(sample, 'domain') ?? 'heap';
      // How many samples a foreign figure rests on is not in the file.
      yield new Trace({ ...values, domain, samples: 0, variance: 0, types, traceback });
    }
  }

  /** What a profile that is not ours tells about itself. */
  facts(traces: readonly Trace[]): SnapshotFacts {
    const memoryUsage = { rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 };
    return {
      tracebackLimit: traces.reduce((most, { traceback }) => Math.max(most, traceback.length), 1),
      sampleInterval: whole(this.#profile.period),
      timestamp: Math.floor(whole(this.#profile.timeNanos) / 1e6),
      duration: whole(this.#profile.durationNanos) / 1e6 || undefined,
      domains: [...new Set(traces.map(({ domain }) => domain))],
      precision: 'line',
      process: { pid: 0, threadId: 0, nodeVersion: '', memoryUsage },
    };
  }

  #frames(approximate: ReadonlySet<number>): Map<number, Frame[]> {
    const functions = new Map(this.#profile.function.map((f) => [whole(f.id), f]));
    const toFrames = (location: Location): Frame[] => {
      if (location.line.length === 0) {
        return [new Frame('', 0, { functionName: `0x${BigInt(location.address).toString(16)}` })];
      }
      return location.line.map(({ functionId, line, column }) => {
        const known = functions.get(whole(functionId));
        if (known === undefined) throw new Error(`no function ${functionId}`);
        const name = this.#text(known.name);
        const isNameless = name === ANONYMOUS && this.#text(known.systemName) === '';
        return new Frame(this.#text(known.filename), whole(line), {
          column: whole(column),
          functionName: isNameless ? '' : name,
          approximate: approximate.has(whole(location.id)),
        });
      });
    };
    return new Map(this.#profile.location.map((l) => [whole(l.id), toFrames(l)]));
  }

  #values({ values }: RawSample): Values {
    const at = (index: number) => (index < 0 ? undefined : (values[index] ?? 0));
    return {
      size: at(this.#sizeIndex()) ?? 0,
      count: at(this.#indexOf('inuse_objects', 'objects')) ?? 0,
      allocatedSize: at(this.#indexOf('alloc_space')),
      allocatedCount: at(this.#indexOf('alloc_objects')),
    };
  }

  #sizeIndex(): number {
    return this.#indexOf('inuse_space', 'space');
  }

  #indexOf(...names: readonly string[]): number {
    return this.#types.findIndex((type) => names.includes(type));
  }

  #label({ labels }: RawSample, key: string): string | undefined {
    const found = labels.find((label) => this.#text(label.key) === key);
    return found && this.#text(found.str);
  }

  #text(id: number | bigint): string {
    const string = this.#strings[Number(id)];
    if (string === undefined) throw new Error(`no string ${id}`);
    return string;
  }
}

// Fields are 64 bits wide; pprof-format leaves those of more than four bytes unsigned bigints.
function whole(value: number | bigint): number {
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : value;
}

function check(sound: boolean, reason: string): void {
  if (!sound) throw new Error(reason);
}
