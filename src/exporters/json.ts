// SPDX-License-Identifier: MIT
// The JSON described by docs/snapshot.schema.json. A change that breaks readers raises the version.
import type { Snapshot } from '../snapshot/snapshot.js';
import { plainJson } from '../text/plain-text.js';
import type { Frame } from '../traces/frame.js';
import { NO_LABELS } from '../traces/labels.js';

/** The schema's version. */
const VERSION = 1;

/**
 * A snapshot with every figure, for programs of one's own. Frames are listed once and referred to by
 * their index. The published schema, with units: docs/snapshot.schema.json.
 *
 * @returns JSON text in one line. Figures that are not known are left out, never 0.
 * Cost: linear in the frames of all stacks.
 */
export function toJson(snapshot: Snapshot): string {
  const frames: object[] = [];
  const ids = new Map<string, number>();
  const idOf = (frame: Frame) => {
    const { filename, lineno, column, functionName, approximate } = frame;
    const key = `${lineno}:${column}:${approximate}:${functionName}\0${filename}`;
    const id = ids.get(key) ?? frames.length;
    if (id === frames.length) {
      ids.set(key, id);
      const mark = approximate ? { approximate } : {};
      frames.push({ filename, lineno, column, functionName, ...mark });
    }
    return id;
  };
  const traces = snapshot.traces.map((trace) => ({
    domain: trace.domain,
    size: trace.size,
    count: trace.count,
    allocatedSize: trace.allocatedSize,
    allocatedCount: trace.allocatedCount,
    samples: trace.samples,
    error: Math.sqrt(Math.max(0, trace.variance)),
    types: trace.types.length > 0 ? trace.types : undefined,
    age: trace.age,
    labels: trace.labels === NO_LABELS ? undefined : trace.labels,
    traceback: trace.traceback.frames.map(idOf),
    totalFrames: trace.traceback.totalFrames,
  }));
  return plainJson({
    name: 'tracemalloc-snapshot',
    version: VERSION,
    time: new Date(snapshot.timestamp).toISOString(),
    precision: snapshot.precision,
    sampleInterval: snapshot.sampleInterval,
    tracebackLimit: snapshot.tracebackLimit,
    survivors: snapshot.survivors,
    allocated: snapshot.allocated,
    domains: snapshot.domains,
    process: snapshot.process,
    frames,
    traces,
  });
}
