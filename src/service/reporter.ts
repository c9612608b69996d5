// SPDX-License-Identifier: MIT
// Writes a report to stderr on an interval. A guest in somebody's service: it delays no exit, and
// whatever goes wrong here ends the reports, never the service.
import { writeSync } from 'node:fs';
import type { KeyType } from '../snapshot/snapshot.js';
import { getTracedMemory, takeSnapshot } from '../tracer.js';
import { formatReport, makeReport } from './report.js';

export interface ReporterOptions {
  /** Milliseconds. */
  readonly every: number;
  readonly top: number;
  readonly keyType: KeyType;
  readonly format: 'json' | 'text';
}

/** Starts; answers a function that stops. */
export function startReporter({ every, top, keyType, format }: ReporterOptions): () => void {
  let previous = takeSnapshot();
  const timer = setInterval(() => {
    try {
      const snapshot = takeSnapshot();
      const traced = getTracedMemory();
      const report = makeReport({ snapshot, previous, traced, top, keyType });
      previous = snapshot;
      writeLine(format === 'json' ? JSON.stringify(report) : formatReport(report));
    } catch (error) {
      clearInterval(timer);
      writeLine(`tracemalloc: reports end: ${error instanceof Error ? error.message : error}`);
    }
  }, every);
  timer.unref();
  return () => clearInterval(timer);
}

/** To stderr. A closed or full one is no reason to disturb the service. */
export function writeLine(text: string): void {
  try {
    // Not process.stderr: merely touching a stream can change how a process ends.
    writeSync(2, `${text}\n`);
  } catch {
    // EPIPE, EAGAIN, EBADF: nobody is listening.
  }
}
