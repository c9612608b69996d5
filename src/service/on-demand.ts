// SPDX-License-Identifier: MIT
// Reports and dumps that are not periodic: on a signal, at the end, near a limit of memory.
import { threadId } from '../host/thread.js';
import parts from '../late-parts.cjs';
import { getMemoryLedger } from '../ledger/read.js';
import type { ReportFormat } from '../report/formats.js';
import type { KeyType } from '../snapshot/grouping.js';
import { isTracing, takeSnapshot } from '../tracer.js';
import type { Frames } from '../traces/charge.js';
import { canReportNearHeapLimit, reportNearHeapLimit } from './heap-limit.js';
import { hearBeforeTermination, hearLastWords, onLastRequest } from './last-words.js';
import { reportNearMemoryLimit } from './memory-limit.js';
import { beforeEnd, onSignal } from './process-events.js';
import { recentLedger } from './recent-ledger.js';
import { ReportSeries } from './report-series.js';
import { complain } from './stderr.js';

const { mkdirSync } = process.getBuiltinModule('node:fs');

export interface OnDemandOptions extends ReportOptions {
  readonly signal: NodeJS.Signals | undefined;
  readonly heapLimit: boolean;
  /** Bytes of RSS; `'auto'`: of the control groups; 0: no reports near it. */
  readonly memoryLimit: number | 'auto';
  /** Percent of it. */
  readonly memoryMarks: readonly number[];
  readonly reportAtExit: boolean;
}

interface ReportOptions {
  readonly top: number;
  readonly keyType: KeyType;
  readonly frames: Frames;
  readonly format: ReportFormat;
  /** Undefined: no dump. */
  readonly directory: string | undefined;
}

/** Starts what the options ask for. */
export function startOnDemand(options: OnDemandOptions): void {
  const { signal, directory, heapLimit, memoryLimit, memoryMarks, reportAtExit } = options;
  const { top, keyType, frames, format } = options;
  if (directory !== undefined) {
    makeDirectory(directory);
    // Modules for dumps are loaded now: loaded at the dump, they would appear in it.
    void loadDumps();
  }
  if (heapLimit && canReportNearHeapLimit()) {
    // Native code writes it, which has no Markdown.
    reportNearHeapLimit({ top, format: format === 'md' ? 'text' : format, directory });
  }
  try {
    reportNearMemoryLimit({
      ...{ limit: memoryLimit, marks: memoryMarks },
      ...{ top, keyType, frames, format, directory },
    });
  } catch (error) {
    complain('no reports before the memory limit', error);
  }
  if (signal === undefined && !reportAtExit) return;
  const [baseline, ledger] = [takeSnapshot(), getMemoryLedger()];
  const series = new ReportSeries({ ...options, baseline, ledger });
  if (signal !== undefined) onSignal(signal, () => series.reportAndDump(recentLedger));
  if (reportAtExit) {
    reportAtEnd(series);
  }
}

function reportAtEnd(series: ReportSeries): void {
  let isOver = false;
  const speak = () => {
    if (isOver || !isTracing()) return;
    isOver = true;
    // At the end a reading costs nobody's time.
    series.report(getMemoryLedger);
  };
  if (threadId !== 0) onLastRequest(speak);
  hearBeforeTermination();
  beforeEnd(() => {
    if (threadId === 0) hearLastWords();
    speak();
  });
}

async function loadDumps(): Promise<void> {
  try {
    await import('../pprof/file.js');
    parts.profile();
  } catch {
    // The first dump will report the error.
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    complain('no dumps', error);
  }
}
