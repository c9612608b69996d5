// SPDX-License-Identifier: MIT
// Reports and dumps that are not periodic: on a signal, at the end, near the heap limit. If one
// can't be written, a line on stderr says so if possible, and the service is not disturbed.
import type { MemoryLedger } from '../ledger/ledger.js';
import { getMemoryLedger } from '../ledger/read.js';
import { type ReportFormat, writtenReport } from '../report/formats.js';
import { Reports } from '../report/series.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { isTracing, takeSnapshot } from '../tracer.js';
import type { Frames } from '../traces/charge.js';
import { dumpPath } from './dump-path.js';
import { canReportNearHeapLimit, reportNearHeapLimit } from './heap-limit.js';
import { knownSuspects } from './known-suspects.js';
import { momentNow } from './moment.js';
import { beforeEnd, onSignal } from './process-events.js';
import { recentLedger } from './recent-ledger.js';
import { complain, writeLine, writeNote } from './stderr.js';

const { mkdirSync } = process.getBuiltinModule('node:fs');

export interface OnDemandOptions extends ReportOptions {
  readonly signal: NodeJS.Signals | undefined;
  readonly heapLimit: boolean;
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
  const { signal, directory, heapLimit, reportAtExit, top, format } = options;
  if (directory !== undefined) {
    makeDirectory(directory);
    // Modules for dumps are loaded now: loaded at the dump, they would appear in it.
    void loadDumps();
  }
  if (heapLimit && canReportNearHeapLimit()) {
    // Native code writes it, which has no Markdown.
    reportNearHeapLimit({ top, format: format === 'md' ? 'text' : format, directory });
  }
  if (signal === undefined && !reportAtExit) return;
  const series = new ReportSeries(options);
  if (signal !== undefined) onSignal(signal, () => series.reportAndDump());
  if (reportAtExit) {
    // At the end a reading costs nobody's time.
    beforeEnd(() => isTracing() && series.report(getMemoryLedger));
  }
}

async function loadDumps(): Promise<void> {
  try {
    await import('../pprof/file.js');
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

/** Reports on stderr, each with the growth since the previous one. */
class ReportSeries {
  readonly #format: ReportFormat;
  readonly #directory: string | undefined;
  readonly #reports: Reports;
  #isDumping = false;

  constructor({ top, keyType, frames, format, directory }: ReportOptions) {
    this.#format = format;
    this.#directory = directory;
    const [baseline, ledger] = [takeSnapshot(), getMemoryLedger()];
    const suspects = knownSuspects;
    this.#reports = new Reports({ top, keyType, frames, baseline, ledger, suspects });
  }

  /** Returns the snapshot that it reported. */
  report(readLedger: () => MemoryLedger): Snapshot | undefined {
    try {
      const snapshot = takeSnapshot();
      const moment = { ...momentNow(), ledger: readLedger() };
      const report = this.#reports.next(snapshot, moment);
      writeLine(writtenReport(report, this.#format));
      return snapshot;
    } catch (error) {
      complain('no report', error);
      return undefined;
    }
  }

  /** Requests during a dump are answered by that dump. */
  reportAndDump(): void {
    if (this.#isDumping) return;
    const snapshot = this.report(recentLedger);
    if (snapshot === undefined || this.#directory === undefined) return;
    void this.#dump(snapshot, this.#directory);
  }

  // Never rejects, since no code awaits it.
  async #dump(snapshot: Snapshot, directory: string): Promise<void> {
    this.#isDumping = true;
    try {
      await writeDump(directory, snapshot);
    } catch (error) {
      writeNote(error instanceof Error ? error.message : String(error));
    }
    this.#isDumping = false;
  }
}

/** @throws (rejects) TracemallocError ERR_WRITE_FAILED. */
async function writeDump(directory: string, snapshot: Snapshot): Promise<void> {
  const { writeProfile } = await import('../pprof/file.js');
  const data = { traces: snapshot.traces, facts: snapshot };
  await writeProfile(dumpPath(directory, snapshot), data, { links: 'replace' });
}
