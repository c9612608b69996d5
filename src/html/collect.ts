// SPDX-License-Identifier: MIT
// Converts snapshots to the data of a report's page.

import { type Sources, sourceLines } from '../files/source-lines.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { plainName } from '../text/plain-text.js';
import { plainSiteRetainers } from '../text/retainers-text.js';
import { samplingText } from '../traces/sampling.js';
import type { TraceFigures } from '../traces/trace.js';
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
      const key = `${node} ${trace.domain}`;
      const row = rows.get(key) ?? { node };
      rows.set(key, row);
      row[side] = row[side] === undefined ? trace : sumOf(row[side], trace);
    }
  };
  add('now', now);
  if (old !== undefined) add('old', old);
  const traces = [...rows.values()].flatMap((row) => {
    const { domain } = (row.now ?? row.old)!;
    const before = [row.old?.size, row.old?.count, Math.sqrt(row.old?.variance ?? 0)];
    return [
      row.node,
      tables.text(domain),
      ...figuresOf(row.now, tables),
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

/** From the type to the allocated size, as `TRACE` has them. */
export function figuresOf(trace: TraceFigures | undefined, tables: FrameTables): number[] {
  if (trace === undefined) return [0, 0, 0, 0, 0, 0];
  return [
    tables.text(trace.types[0]?.type ?? ''),
    Math.round(trace.size),
    Math.round(trace.count),
    Math.round(Math.sqrt(Math.max(0, trace.variance))),
    trace.samples,
    Math.round(trace.allocatedSize ?? -1),
  ];
}

/** Columns are not shown: stacks that differ only in columns are added up. */
export function sumOf(a: TraceFigures, b: TraceFigures): TraceFigures {
  const sum = (x?: number, y?: number) => (x === undefined || y === undefined ? undefined : x + y);
  return {
    ...a,
    size: a.size + b.size,
    count: a.count + b.count,
    samples: a.samples + b.samples,
    variance: a.variance + b.variance,
    allocatedSize: sum(a.allocatedSize, b.allocatedSize),
    types: [...a.types, ...b.types].sort((x, y) => y.size - x.size),
  };
}

export function noteOf({ snapshot, source }: Input): SnapshotNote {
  const { timestamp, precision, survivors = false, process } = snapshot;
  const { pid, threadId, nodeVersion } = process;
  const measured = {
    precision,
    sampling: samplingText({ sampleInterval: snapshot.sampleInterval, ...snapshot.sampling }),
    survivors,
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
