// SPDX-License-Identifier: MIT
// The memory ledger as plain values: rows, RSS, and the changes between two readings.
import { shown, TracemallocError } from '../errors.js';
import { plainName } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import { diagnose } from './diagnosis.js';
import type { LedgerFigures, LedgerRow, LedgerRowDiff } from './rows.js';

/** A breakdown of a process's memory at one moment, immutable. Python has no counterpart. */
export class MemoryLedger implements LedgerFigures {
  readonly rows: readonly LedgerRow[];
  readonly rss: number;
  /**
   * RSS less all rows, bytes. Negative where something is counted that is not resident, such as
   * reserved pages of a heap that have never been touched.
   */
  readonly unexplained: number;
  readonly timestamp: number;

  /** @internal Made by `getMemoryLedger()`. */
  constructor({ rows, rss, timestamp }: LedgerFigures) {
    this.rows = Object.freeze(rows.map((row) => Object.freeze({ ...row })));
    this.rss = rss;
    this.unexplained = rows.reduce((rest, { bytes }) => rest - bytes, rss);
    this.timestamp = timestamp;
  }

  /**
   * What grew and shrank since `old`, the largest change first.
   *
   * @throws TracemallocError ERR_INVALID_ARGUMENT when `old` is not a ledger.
   */
  compareTo(old: MemoryLedger): LedgerDiff {
    if (!(old instanceof MemoryLedger)) {
      throw new TracemallocError(
        'ERR_INVALID_ARGUMENT',
        `compareTo needs a MemoryLedger, not ${shown(old)}`,
      );
    }
    return new LedgerDiff(this, old);
  }

  /** A line for RSS and one for each row, the largest first, with bars. */
  toString(): string {
    const rows = [...this.rows].sort((a, b) => b.bytes - a.bytes);
    return [
      `RSS ${formatSize(this.rss)}`,
      ...table([...rows, unexplained(this.unexplained)], this.rss, ({ bytes }) => bytes),
    ].join('\n');
  }
}

/** The change of a process's memory between two readings. */
export class LedgerDiff {
  /** The largest change first. */
  readonly rows: readonly LedgerRowDiff[];
  /** Resident set size in the newer ledger, bytes. */
  readonly rss: number;
  /** Its growth, bytes. */
  readonly rssDiff: number;
  /** `rss` less all rows in the newer ledger, bytes; may be negative. */
  readonly unexplained: number;
  /** Its growth, bytes. */
  readonly unexplainedDiff: number;
  /** One line, when one kind of memory explains most of the growth; else undefined. */
  readonly diagnosis: string | undefined;

  /** @internal Made by `MemoryLedger.compareTo`. */
  constructor(now: MemoryLedger, old: MemoryLedger) {
    const before = new Map(old.rows.map((row) => [row.name, row]));
    const rows = now.rows.map((row) => {
      const bytesDiff = row.bytes - (before.get(row.name)?.bytes ?? 0);
      before.delete(row.name);
      return Object.freeze({ ...row, bytesDiff });
    });
    for (const row of before.values()) {
      rows.push(Object.freeze({ ...row, bytes: 0, bytesDiff: -row.bytes }));
    }
    this.rows = Object.freeze(rows.sort((a, b) => Math.abs(b.bytesDiff) - Math.abs(a.bytesDiff)));
    this.rss = now.rss;
    this.rssDiff = now.rss - old.rss;
    this.unexplained = now.unexplained;
    this.unexplainedDiff = now.unexplained - old.unexplained;
    this.diagnosis = diagnose(this.rows, this.rssDiff);
  }

  /**
   * A line for RSS, one for each row with bars of its growth, and the diagnosis if there is one.
   */
  toString(): string {
    const rest = { ...unexplained(this.unexplained), bytesDiff: this.unexplainedDiff };
    return [
      `RSS ${formatSize(this.rss)} (${formatSize(this.rssDiff, { signed: true })})`,
      ...table([...this.rows, rest], this.rssDiff, ({ bytesDiff }) => bytesDiff, { signed: true }),
      ...(this.diagnosis === undefined ? [] : [this.diagnosis]),
    ].join('\n');
  }
}

function unexplained(bytes: number): LedgerRow {
  return { name: 'unexplained', label: 'unexplained', bytes };
}

const BAR = 24;

function table<Row extends LedgerRow>(
  rows: readonly Row[],
  total: number,
  figure: (row: Row) => number,
  { signed = false } = {},
): string[] {
  const shownRows = rows.filter((row) => figure(row) !== 0);
  const sizes = shownRows.map((row) => formatSize(figure(row), { signed }));
  const labels = shownRows.map(({ label }) => plainName(label));
  const labelWidth = Math.max(0, ...labels.map((label) => label.length));
  const sizeWidth = Math.max(0, ...sizes.map((size) => size.length));
  return shownRows.map((row, i) => {
    const share = total > 0 ? figure(row) / total : 0;
    const bar = '#'.repeat(Math.round(Math.min(1, Math.max(0, share)) * BAR));
    const size = (sizes[i] ?? '').padStart(sizeWidth);
    return `  ${(labels[i] ?? '').padEnd(labelWidth)}  ${size}  ${bar}`.trimEnd();
  });
}
