// SPDX-License-Identifier: MIT
// Reports that are not periodic, and dumps beside them. If one can't be written, a line on stderr
// says so if possible, and the service is not disturbed.
import { writeWholeSync } from '../files/whole-file.js';
import parts from '../late-parts.cjs';
import type { MemoryLedger } from '../ledger/ledger.js';
import { type ReportFormat, writtenReport } from '../report/formats.js';
import { type MemoryMark, withMark } from '../report/memory-mark.js';
import { Reports, type ReportsOptions } from '../report/series.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { takeSnapshot } from '../tracer.js';
import { dumpPath } from './dump-path.js';
import { knownSuspects } from './known-suspects.js';
import { momentNow } from './moment.js';
import { complain, writeLine, writeNote } from './stderr.js';

export interface ReportSeriesOptions
  extends Pick<ReportsOptions, 'top' | 'keyType' | 'frames' | 'baseline' | 'ledger'> {
  readonly format: ReportFormat;
  /** Undefined: no dump. */
  readonly directory: string | undefined;
}

/** Reports on stderr, each with the growth since the previous one. */
export class ReportSeries {
  readonly #format: ReportFormat;
  readonly #directory: string | undefined;
  readonly #reports: Reports;
  #isDumping = false;

  constructor({ format, directory, ...options }: ReportSeriesOptions) {
    this.#format = format;
    this.#directory = directory;
    this.#reports = new Reports({ ...options, suspects: knownSuspects });
  }

  /**
   * Returns the snapshot that it reported.
   *
   * @param mark of memory, the reason for this report.
   */
  report(readLedger: () => MemoryLedger, mark?: MemoryMark): Snapshot | undefined {
    try {
      // For the dump; a line of a log has no ages.
      const snapshot = takeSnapshot({ ages: this.#directory !== undefined });
      const moment = { ...momentNow(), ledger: readLedger() };
      const composed = this.#reports.next(snapshot, moment);
      const report = mark === undefined ? composed : withMark(composed, mark);
      writeLine(writtenReport(report, this.#format));
      return snapshot;
    } catch (error) {
      complain('no report', error);
      return undefined;
    }
  }

  /** Requests during a dump are answered by that dump. */
  reportAndDump(readLedger: () => MemoryLedger): void {
    if (this.#isDumping) return;
    const snapshot = this.report(readLedger);
    if (snapshot === undefined || this.#directory === undefined) return;
    void this.#dump(snapshot, this.#directory);
  }

  /** Both at once: the process may end at any moment, or never turn its event loop again. */
  reportAndDumpSync(readLedger: () => MemoryLedger, mark: MemoryMark): void {
    const snapshot = this.report(readLedger, mark);
    if (snapshot === undefined || this.#directory === undefined) return;
    try {
      const path = dumpPath(this.#directory, snapshot);
      const data = { traces: snapshot.traces, facts: snapshot };
      writeWholeSync(path, parts.profile().encodeCompressedSync(data), { links: 'replace' });
    } catch (error) {
      complain('no snapshot', error);
    }
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
