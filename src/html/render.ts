// SPDX-License-Identifier: MIT
// The report of one or two snapshots: one self-contained file.
import type { Sources } from '../files/source-lines.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { collect } from './collect.js';
import { htmlDocument } from './document.js';
import { historyOf, joinHistories, type ProcessHistory } from './history.js';

/** What {@link toHtml} accepts. */
export interface HtmlOptions {
  /** Compare with this older snapshot. */
  old?: Snapshot;
  /** Name of the snapshot, for the reader; default `'snapshot'`. */
  source?: string;
  /** Name of the older one; default `'older snapshot'`. */
  oldSource?: string;
  /**
   * Show each line's source text (then the report holds these lines): of scripts below the working
   * directory, or below these directories instead, without what looks like a credential in it.
   * Default false: a report is passed on, and a snapshot can name any file.
   */
  sources?: Sources;
  /**
   * More readings for the graph of memory, of these processes or of others, in addition to those of
   * the snapshots (`process.history`). Default none.
   */
  histories?: readonly ProcessHistory[];
  /** Called now and then with the share of the work that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

/**
 * A report as one self-contained HTML file that opens from disk: what holds the memory or, with an
 * older snapshot, what grew; sortable table, flame graph.
 *
 * @throws TracemallocError ERR_INVALID_OPTION for wrong `sources`.
 * @returns HTML, below 1 MB for 5,000 sites. It loads nothing and sends nothing.
 * Cost: linear in the frames of all stacks, and each source file is read once.
 */
export function toHtml(snapshot: Snapshot, options: HtmlOptions = {}): string {
  const { old, source = 'snapshot', oldSource = 'older snapshot', sources = false } = options;
  const before = old && { snapshot: old, source: oldSource };
  const known = [snapshot, ...(old === undefined ? [] : [old])].map(historyOf);
  const histories = joinHistories([...known, ...(options.histories ?? [])]);
  const { onProgress } = options;
  const data = collect({ snapshot, source }, before, { sources, histories, onProgress });
  return htmlDocument({ title: 'tracemalloc report', script: 'report.js', data }).html;
}
