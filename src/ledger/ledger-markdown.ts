// SPDX-License-Identifier: MIT
import { markdownCode, markdownTable } from '../text/markdown.js';
import { formatSize } from '../text/size.js';

/** The memory of a process by kind, as a ledger or a report has it. */
export interface LedgerShown {
  /** Resident set size, bytes. */
  readonly rss: number;
  /** What is in no row, bytes; may be negative. */
  readonly unexplained: number;
  /** Names or labels, with bytes. */
  readonly rows: readonly (readonly [name: string, bytes: number])[];
}

/** A table in Markdown: RSS, then what it consists of, the largest first; rows of 0 are left out. */
export function ledgerTable({ rss, unexplained, rows }: LedgerShown): string {
  const named = rows.map(([name, bytes]) => [markdownCode(name), bytes] as const);
  const shown = [...named, ['unexplained', unexplained] as const]
    .filter(([, bytes]) => bytes !== 0)
    .sort(([, a], [, b]) => b - a);
  const cells = [['RSS', rss] as const, ...shown].map(([name, bytes]) => [
    formatSize(bytes),
    rss > 0 ? `${Math.round((100 * bytes) / rss)} %` : '',
    name,
  ]);
  return markdownTable(['size', 'share', 'memory'], ['right', 'right', 'left'], cells).join('\n');
}
