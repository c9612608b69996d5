// SPDX-License-Identifier: MIT
// Reports and dumps that are not on an interval: at a signal, at the end, near the heap limit. Whatever can't be written is said on
// stderr, if that can be, and never disturbs the service.
import { mkdirSync } from 'node:fs';
import type { KeyType } from '../snapshot/snapshot.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { getTracedMemory, isTracing, takeSnapshot } from '../tracer.js';
import { dumpPath } from './dump-path.js';
import { reportNearHeapLimit } from './heap-limit.js';
import { beforeEnd, onSignal } from './process-events.js';
import { formatReport, makeReport } from './report.js';
import { writeLine } from './reporter.js';

export interface OnDemandOptions extends ReportNowOptions {
  readonly signal: NodeJS.Signals | undefined;
  readonly heapLimit: boolean;
  readonly reportAtExit: boolean;
}

interface ReportNowOptions {
  readonly top: number;
  readonly keyType: KeyType;
  readonly format: 'json' | 'text';
  /** Undefined: no dump. */
  readonly directory: string | undefined;
}

/** Whatever of it is asked for. */
export function startOnDemand(options: OnDemandOptions): void {
  const { signal, directory, heapLimit, reportAtExit, top, format } = options;
  if (directory !== undefined) makeDirectory(directory);
  if (heapLimit) reportNearHeapLimit({ top, format, directory });
  if (signal !== undefined) onSignal(signal, reportAndDump(options));
  if (reportAtExit) beforeEnd(() => isTracing() && reportNow(options));
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    writeLine(`tracemalloc: no dumps: ${error instanceof Error ? error.message : error}`);
  }
}

/** One report on stderr; growth is since start. Answers what it reported. */
function reportNow({ top, keyType, format }: ReportNowOptions): Snapshot | undefined {
  try {
    const snapshot = takeSnapshot();
    const previous = new Snapshot([], snapshot);
    const traced = getTracedMemory();
    const report = makeReport({ snapshot, previous, traced, top, keyType });
    writeLine(format === 'json' ? JSON.stringify(report) : formatReport(report));
    return snapshot;
  } catch (error) {
    writeLine(`tracemalloc: no report: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** The same, and the snapshot as a file. What is asked for meanwhile is the same thing. */
function reportAndDump(options: ReportNowOptions): () => void {
  let isBusy = false;
  return () => {
    if (isBusy) return;
    const snapshot = reportNow(options);
    if (snapshot === undefined || options.directory === undefined) return;
    isBusy = true;
    snapshot
      .dump(dumpPath(options.directory, snapshot))
      .catch((error: Error) => writeLine(`tracemalloc: ${error.message}`))
      .finally(() => {
        isBusy = false;
      });
  };
}
