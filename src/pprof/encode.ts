// SPDX-License-Identifier: MIT
// Snapshot to pprof: a sample per stack, domain, labels and type of object, in the units of Go's profiles.
import { Profile, StringTable } from 'pprof-format';
import { effectiveInterval } from '../traces/effective-interval.js';
import type { SnapshotData } from '../traces/facts.js';
import type { Frame } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';
import {
  AGE_COMMENT,
  anonymousName,
  FACTS_COMMENT,
  FIGURES_COMMENT,
  restOf,
  SAMPLE_TYPES,
  type StoredFacts,
} from './profile.js';

/** The protobuf, not compressed. */
export function encodeProfile({ traces, facts }: SnapshotData): Uint8Array {
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const places = new Places(text);
  const labels = (trace: Trace, type: string | undefined) => [
    { key: text('domain'), str: text(trace.domain) },
    ...Object.entries(trace.labels).map(([name, label]) => ({ key: text(name), str: text(label) })),
    ...(type === undefined ? [] : [{ key: text('type'), str: text(type) }]),
  ];
  const samples = [];
  const figures: number[] = [];
  const ages: Trace['age'][] = [];
  for (const trace of traces) {
    const locationId = trace.traceback.frames.map((frame) => places.location(frame)).reverse();
    let restCount = Math.round(trace.count);
    let restSize = Math.round(trace.size);
    for (const { type, size, count } of trace.types) {
      const [wholeCount, wholeSize] = [Math.round(count), Math.round(size)];
      restCount -= wholeCount;
      restSize -= wholeSize;
      const value = [0, 0, wholeCount, wholeSize];
      samples.push({ locationId, value, label: labels(trace, type) });
    }
    const allocated = [trace.allocatedCount, trace.allocatedSize].map((n) => Math.round(n ?? 0));
    const value = [...allocated, restOf(trace, restCount), restOf(trace, restSize)];
    samples.push({ locationId, value, label: labels(trace, undefined) });
    figures.push(text(FIGURES_COMMENT + JSON.stringify(figuresOf(trace))));
    ages.push(trace.age);
  }
  const ageRows = ages.some((age) => age !== undefined) ? ages.map(ageRow) : [];
  const stored: StoredFacts = {
    ...facts,
    version: 1,
    traces: traces.length,
    approximate: places.approximate,
  };
  return new Profile({
    sampleType: SAMPLE_TYPES.map(([type, unit]) => ({ type: text(type), unit: text(unit) })),
    sample: samples,
    mapping: [
      {
        id: 1,
        filename: text('node'),
        hasFunctions: true,
        hasFilenames: true,
        hasLineNumbers: true,
      },
    ],
    location: places.locations,
    function: places.functions,
    timeNanos: BigInt(Math.round(facts.timestamp)) * 1_000_000n,
    durationNanos: BigInt(Math.round((facts.duration ?? 0) * 1e6)),
    periodType: { type: text('space'), unit: text('bytes') },
    period: Math.round(effectiveInterval(traces, facts)),
    defaultSampleType: text('inuse_space'),
    comment: [
      text(FACTS_COMMENT + JSON.stringify(stored)),
      ...figures,
      ...ageRows.map((row) => text(AGE_COMMENT + JSON.stringify(row))),
    ],
    stringTable: strings,
  }).encode();
}

function figuresOf(trace: Trace): (number | null)[] {
  return [
    trace.size,
    trace.count,
    trace.allocatedSize ?? null,
    trace.allocatedCount ?? null,
    trace.samples,
    trace.variance,
    trace.traceback.totalFrames ?? 0,
    ...trace.types.flatMap(({ size, count }) => [size, count]),
  ];
}

function ageRow(age: Trace['age']): (number | null)[] {
  return age === undefined ? [] : [age.mean, age.oldest, age.collections ?? null];
}

/** Locations and functions of a profile, each once; ids count from 1. */
class Places {
  readonly locations: object[] = [];
  readonly functions: object[] = [];
  readonly approximate: number[] = [];
  readonly #ids = new Map<string, number>();
  // The first file in which there is an anonymous function at a place.
  readonly #named = new Map<string, string>();
  // Most frames are in many stacks.
  readonly #known = new Map<Frame, number>();
  readonly #text: (value: string) => number;

  constructor(text: (value: string) => number) {
    this.#text = text;
  }

  location(frame: Frame): number {
    const known = this.#known.get(frame);
    if (known !== undefined) return known;
    const id = this.#locate(frame);
    this.#known.set(frame, id);
    return id;
  }

  #locate(frame: Frame): number {
    const { filename, lineno, column, functionName, approximate } = frame;
    const key = JSON.stringify([filename, functionName, lineno, column, approximate]);
    return this.#once(key, this.locations, (id) => {
      const line = [{ functionId: this.#function(frame), line: lineno, column }];
      if (approximate) this.approximate.push(id);
      return { id, mappingId: 1, line };
    });
  }

  #function(frame: Frame): number {
    const { filename, functionName } = frame;
    // The position of a function is not known, so an anonymous one is as many as it has lines.
    const name = functionName || this.#anonymous(frame);
    return this.#once(JSON.stringify([filename, name]), this.functions, (id) => ({
      id,
      name: this.#text(name),
      systemName: this.#text(functionName),
      filename: this.#text(filename),
    }));
  }

  // With the file's name where another file has a function at the same place.
  #anonymous({ filename, lineno, column }: Frame): string {
    if (filename.startsWith('(')) return filename; // a label in place of frames
    const name = anonymousName({ lineno, column });
    const first = this.#named.get(name) ?? filename;
    this.#named.set(name, first);
    return first === filename ? name : `${name.slice(0, -1)} ${filename})`;
  }

  #once(key: string, list: object[], make: (id: number) => object): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = list.length + 1;
    this.#ids.set(key, id);
    list.push(make(id));
    return id;
  }
}
