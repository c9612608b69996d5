// SPDX-License-Identifier: MIT
// The comparison of two snapshots, as lines for a terminal.
import type { Snapshot } from '../snapshot/snapshot.js';
import { formatSize } from '../text/size.js';
import { styler } from './output.js';
import { describeSnapshot, diffRows } from './rows.js';
import { applyView, describeView, type View } from './view.js';

interface Named {
  readonly source: string;
  readonly snapshot: Snapshot;
}

/** What grew and shrank, the largest change first. */
export function comparison(old: Named, now: Named, view: View): string {
  const rows = applyView(now.snapshot, view)
    .compareTo(applyView(old.snapshot, view), view.key, { frames: view.frames })
    .filter(({ sizeDiff, countDiff }) => sizeDiff !== 0 || countDiff !== 0);
  const change = rows.reduce((sum, { sizeDiff }) => sum + sizeDiff, 0);
  const shown = rows.slice(0, view.top);
  const rest = rows.length - shown.length;
  const styled = styler();
  const lines = [
    styled('dim', `old ${describeSnapshot(old.source, old.snapshot)}`),
    styled('dim', `new ${describeSnapshot(now.source, now.snapshot)}`),
    `${formatSize(change, { signed: true })} in ${rows.length} sites that changed, ${describeView(view)}`,
    ...(shown.length > 0 ? diffRows(shown, styled) : []),
    ...(rest > 0 ? [styled('dim', `and ${rest} more (--top)`)] : []),
  ];
  return `${lines.join('\n')}\n`;
}
