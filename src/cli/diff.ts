// SPDX-License-Identifier: MIT
import { formatSize } from '../text/size.js';
import { defineCommand } from './command.js';
import { readSnapshot, TOKEN } from './input.js';
import { print, styler } from './output.js';
import { withProgress } from './progress.js';
import { describeSnapshot, diffRows } from './rows.js';
import { applyView, describeView, VIEW } from './view.js';

export const diff = defineCommand({
  name: 'diff',
  summary: 'Shows what grew and shrank between two snapshots, the largest change first.',
  operands: 'OLD NEW',
  arity: [2, 2],
  options: { ...VIEW, ...TOKEN },
  examples: [
    'tracemalloc diff before.pb.gz after.pb.gz',
    'tracemalloc diff --key function before.pb.gz http://127.0.0.1:3000',
  ],
  async run(values, [oldSource = '', newSource = '']) {
    const { token } = values;
    const [old, now] = await withProgress(async (progress) => [
      await readSnapshot(oldSource, { token, onProgress: progress.of(oldSource) }),
      await readSnapshot(newSource, { token, onProgress: progress.of(newSource) }),
    ]);
    const rows = applyView(now, values)
      .compareTo(applyView(old, values), values.key)
      .filter(({ sizeDiff, countDiff }) => sizeDiff !== 0 || countDiff !== 0);
    const change = rows.reduce((sum, { sizeDiff }) => sum + sizeDiff, 0);
    const shown = rows.slice(0, values.top);
    const rest = rows.length - shown.length;
    const styled = styler();
    const lines = [
      styled('dim', `old ${describeSnapshot(oldSource, old)}`),
      styled('dim', `new ${describeSnapshot(newSource, now)}`),
      `${formatSize(change, { signed: true })} in ${rows.length} sites that changed, ${describeView(values)}`,
      ...(shown.length > 0 ? diffRows(shown, styled) : []),
      ...(rest > 0 ? [styled('dim', `and ${rest} more (--top)`)] : []),
    ];
    await print(`${lines.join('\n')}\n`);
    return 0;
  },
});
