// SPDX-License-Identifier: MIT
// Combines the memory histories of several snapshots.
import type { Snapshot } from '../snapshot/snapshot.js';
import type { MemoryReading } from '../traces/facts.js';

/** Readings of one thread of a process, by time. */
export interface ProcessHistory {
  /** The process's id. */
  readonly pid: number;
  /** 0: the main thread. */
  readonly threadId: number;
  /** Oldest first. */
  readonly readings: readonly MemoryReading[];
}

/** The snapshot's history, or at least its own reading; empty for profiles without a process. */
export function historyOf(snapshot: Snapshot): ProcessHistory {
  const { timestamp, process } = snapshot;
  const { pid, threadId, memoryUsage, history = [] } = process;
  if (history.length > 0) return { pid, threadId, readings: history };
  if (memoryUsage.rss === 0 || timestamp === 0) return { pid, threadId, readings: [] };
  const traced = Math.round(snapshot.traces.reduce((sum, { size }) => sum + size, 0));
  return { pid, threadId, readings: [{ ...memoryUsage, time: timestamp, traced }] };
}

/** One history per thread, ordered by their beginnings; readings of the same time are one. */
export function joinHistories(histories: Iterable<ProcessHistory>): ProcessHistory[] {
  const joined = new Map<string, Omit<ProcessHistory, 'readings'> & { known: Readings }>();
  for (const { pid, threadId, readings } of histories) {
    const key = `${pid} ${threadId}`;
    const one = joined.get(key) ?? { pid, threadId, known: new Map() };
    joined.set(key, one);
    for (const reading of readings) one.known.set(reading.time, reading);
  }
  return [...joined.values()]
    .filter(({ known }) => known.size > 0)
    .map(({ pid, threadId, known }) => ({
      pid,
      threadId,
      readings: [...known.values()].sort((a, b) => a.time - b.time),
    }))
    .sort((a, b) => a.readings[0]!.time - b.readings[0]!.time);
}

type Readings = Map<number, MemoryReading>;

/** The page's form of readings: see `READING`. */
export function flatReadings(readings: readonly MemoryReading[]): number[] {
  return readings.flatMap(({ time, rss, heapUsed, external, traced }) => [
    time,
    rss,
    heapUsed,
    external,
    traced,
  ]);
}
