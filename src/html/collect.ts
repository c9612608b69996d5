// SPDX-License-Identifier: MIT
// Converts snapshots to the data of a report's page.

import { type Sources, sourceLines } from '../files/source-lines.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { plainName } from '../text/plain-text.js';
import { plainSiteRetainers } from '../text/retainers-text.js';
import { type Age, ageOfBoth } from '../traces/age.js';
import { allocationText } from '../traces/allocation-time.js';
import { type Labels, labelsText, NO_LABELS } from '../traces/labels.js';
import { samplingText } from '../traces/sampling.js';
import { sharesOf, type TraceFigures } from '../traces/trace.js';
import { UNKNOWN_TYPE } from '../traces/unknown-type.js';
import { flatReadings, type ProcessHistory } from './history.js';
import { memoryOf } from './memory.js';
import type { ReportData, SnapshotNote } from './report-data.js';
import { FrameTables } from './tables.js';

export interface Input {
  readonly snapshot: Snapshot;
  /** For the reader of the report: the file or address it came from. */
  readonly source: string;
}

export interface CollectOptions {
  /** Whether the text of each line is shown. */
  readonly sources: Sources;
  readonly histories: readonly ProcessHistory[];
  readonly onProgress: ((share: number) => void) | undefined;
}

const TRACES_BETWEEN = 1024;

export function collect(now: Input, old: Input | undefined, options: CollectOptions): ReportData {
  const tables = new FrameTables(sourceLines(options.sources));
  const rows = new Map<string, { now?: TraceFigures; old?: TraceFigures; node: number }>();
  const total = now.snapshot.traces.length + (old?.snapshot.traces.length ?? 0);
  let done = 0;
  const add = (side: 'now' | 'old', { snapshot }: Input) => {
    for (const trace of snapshot.traces) {
      if (++done % TRACES_BETWEEN === 0) options.onProgress?.(done / total);
      const node = tables.node(trace.traceback.frames);
      for (const part of partsOf(trace)) {
        const key = keyOf(node, part);
        const row = rows.get(key) ?? { node };
        rows.set(key, row);
        row[side] = row[side] === undefined ? part : sumOf(row[side], part);
      }
    }
  };
  add('now', now);
  if (old !== undefined) add('old', old);
  const traces = [...rows.values()].flatMap((row) => {
    const any = (row.now ?? row.old)!;
    const before = [row.old?.size, row.old?.count, Math.sqrt(row.old?.variance ?? 0)];
    return [
      row.node,
      ...originOf(any, tables),
      ...figuresOf(row.now ?? withoutMemory(row.old!), now.snapshot.timestamp, tables),
      ...before.map((figure) => Math.round(figure ?? 0)),
    ];
  });
  return {
    version: 1,
    now: noteOf(now),
    old: old && noteOf(old),
    ...memoryOf(now.snapshot.process, old?.snapshot.process),
    retainers: (now.snapshot.process.retainers ?? []).map((kept) => ({
      ...plainSiteRetainers(kept),
      time: kept.time,
    })),
    histories: options.histories.map(({ readings }) => flatReadings(readings)),
    strings: tables.strings,
    frames: tables.frames,
    nodes: tables.nodes,
    traces,
  };
}

/**
 * A trace by the types of its objects; a part has one type, or none if it is not known. The first
 * part has what was allocated since the start.
 */
export function partsOf(trace: TraceFigures): readonly TraceFigures[] {
  const shares = sharesOf(trace);
  let samples = trace.samples;
  return shares
    .map((share, i): TraceFigures => {
      const part = trace.size > 0 ? share.size / trace.size : 1;
      const own = i === shares.length - 1 ? samples : Math.round(trace.samples * part);
      samples = Math.max(0, samples - own);
      return {
        domain: trace.domain,
        labels: trace.labels ?? NO_LABELS,
        traceback: trace.traceback,
        size: share.size,
        count: share.count,
        samples: own,
        variance: trace.variance * part,
        allocatedSize: i === 0 || trace.allocatedSize === undefined ? trace.allocatedSize : 0,
        allocatedCount: undefined,
        types: share.type === UNKNOWN_TYPE ? [] : [share],
        age: trace.age, // known of the whole only, which is what parts of all types add up to
      };
    })
    .filter(({ size, count, allocatedSize }) => size > 0 || count > 0 || allocatedSize !== 0);
}

/** The same for parts that are one row. */
export function keyOf(node: number, { domain, labels, types }: TraceFigures): string {
  return `${node} ${JSON.stringify([domain, textOf(labels)])} ${types[0]?.type ?? ''}`;
}

/** Domain and labels, as `TRACE` has them. */
export function originOf({ domain, labels }: TraceFigures, tables: FrameTables): number[] {
  return [tables.text(domain), tables.text(textOf(labels))];
}

function textOf(labels: Labels = NO_LABELS): string {
  return labels === NO_LABELS ? '' : plainName(labelsText(labels));
}

function withoutMemory(old: TraceFigures): TraceFigures {
  const nothing = { size: 0, count: 0, samples: 0, variance: 0, allocatedSize: 0 };
  return { ...old, ...nothing, age: undefined };
}

/** From the type to the collections, as `TRACE` has them. */
export function figuresOf(trace: TraceFigures, timestamp: number, tables: FrameTables): number[] {
  return [
    tables.text(trace.types[0]?.type ?? ''),
    Math.round(trace.size),
    Math.round(trace.count),
    Math.round(Math.sqrt(Math.max(0, trace.variance))),
    trace.samples,
    Math.round(trace.allocatedSize ?? -1),
    ...momentsOf(trace.age, timestamp),
  ];
}

// Moments stay the same where nothing changes, so that a live page is not sent every row each time;
// for the same reason many collections are rounded.
function momentsOf(age: Age | undefined, timestamp: number): number[] {
  if (age === undefined) return NO_AGE;
  const { mean, oldest, collections } = age;
  const before = (seconds: number) => Math.max(1, Math.round(timestamp / 1000 - seconds));
  return [before(mean), before(oldest), collections === undefined ? -1 : tenthsOf(collections)];
}

export const NO_AGE = [0, 0, -1];

/** Of large numbers only the first two digits. */
function tenthsOf(collections: number): number {
  const tenths = Math.round(collections * 10);
  return tenths < 100 ? tenths : Number(tenths.toPrecision(2));
}

/** Columns are not shown: parts of stacks that differ only in columns are added up. */
export function sumOf(a: TraceFigures, b: TraceFigures): TraceFigures {
  const sum = (x?: number, y?: number) => (x === undefined || y === undefined ? undefined : x + y);
  return {
    ...a,
    size: a.size + b.size,
    count: a.count + b.count,
    samples: a.samples + b.samples,
    variance: a.variance + b.variance,
    allocatedSize: sum(a.allocatedSize, b.allocatedSize),
    age: ageOfBoth(a, b),
  };
}

export function noteOf({ snapshot, source }: Input): SnapshotNote {
  const { timestamp, precision, survivors = false, process } = snapshot;
  const { pid, threadId, nodeVersion } = process;
  const measured = {
    precision,
    sampling: samplingText({ sampleInterval: snapshot.sampleInterval, ...snapshot.sampling }),
    survivors,
    allocated: allocationText(snapshot.allocated),
  };
  return {
    source: plainName(source),
    timestamp,
    pid,
    threadId,
    nodeVersion: plainName(nodeVersion),
    ...measured,
  };
}
