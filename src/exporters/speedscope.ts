// SPDX-License-Identifier: MIT
import type { Snapshot } from '../snapshot/snapshot.js';
import { plainJson } from '../text/plain-text.js';
import type { Frame } from '../traces/frame.js';
import type { Trace } from '../traces/trace.js';
import { type Bytes, bytesOf, hasAllocated } from './bytes.js';
import { nameOf } from './label.js';

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';

/**
 * A file for https://www.speedscope.app: live bytes and, where they are known, the bytes allocated
 * since start, as two profiles over the same frames.
 *
 * `name` is the title of the view; default: pid and time of the snapshot.
 *
 * @returns JSON text by speedscope's published schema. No counts, errors, domains or types.
 * Cost: linear in the frames of all stacks.
 */
export function toSpeedscope(snapshot: Snapshot, { name }: { name?: string } = {}): string {
  const { traces, process, timestamp } = snapshot;
  const frames = new SharedFrames();
  const profiles = [profileOf(traces, 'live', frames)];
  if (hasAllocated(traces)) profiles.push(profileOf(traces, 'allocated', frames));
  return plainJson({
    $schema: SCHEMA,
    name: name ?? `pid ${process.pid}, ${new Date(timestamp).toISOString()}`,
    exporter: 'tracemalloc',
    activeProfileIndex: 0,
    shared: { frames: frames.list },
    profiles,
  });
}

function profileOf(traces: readonly Trace[], bytes: Bytes, frames: SharedFrames) {
  const kept = traces
    .map((trace) => ({ trace, weight: bytesOf(trace, bytes) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return {
    type: 'sampled',
    name: `${bytes} bytes`,
    unit: 'bytes',
    startValue: 0,
    endValue: kept.reduce((sum, { weight }) => sum + weight, 0),
    samples: kept.map(({ trace }) => trace.traceback.frames.map((frame) => frames.idOf(frame))),
    weights: kept.map(({ weight }) => weight),
  };
}

class SharedFrames {
  readonly list: { name: string; file: string; line?: number; col?: number }[] = [];
  readonly #ids = new Map<string, number>();

  idOf(frame: Frame): number {
    const { filename, lineno, column } = frame;
    const key = `${lineno}:${column}:${frame.functionName}\0${filename}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.list.length);
    const position = lineno > 0 ? { line: lineno, ...(column > 0 ? { col: column } : {}) } : {};
    return this.list.push({ name: nameOf(frame), file: filename, ...position }) - 1;
  }
}
