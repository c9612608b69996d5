// SPDX-License-Identifier: MIT
import { formatSize } from '../text/size.js';
import { defineCommand } from './command.js';
import { readSnapshot, sourceOf, TOKEN } from './input.js';
import { print, styler } from './output.js';
import { withProgress } from './progress.js';
import { describeSnapshot, statisticRows } from './rows.js';
import { applyView, describeView, VIEW } from './view.js';

export const top = defineCommand({
  name: 'top',
  summary: 'Shows the sites that hold the most live memory.',
  operands: 'FILE|URL|PORT',
  arity: [1, 1],
  options: { ...VIEW, ...TOKEN },
  examples: [
    'tracemalloc top heap.pb.gz',
    'tracemalloc top --key traceback --top 3 heap.pb.gz',
    'tracemalloc top --frames app --exclude "*/test/*" 3000',
  ],
  async run(values, [operand = '']) {
    const { token } = values;
    const source = sourceOf(operand);
    const snapshot = await withProgress((progress) =>
      readSnapshot(source, { token, onProgress: progress.of(source) }),
    );
    const rows = applyView(snapshot, values)
      .statistics(values.key, { frames: values.frames })
      .filter(({ size }) => size > 0);
    const total = rows.reduce((sum, { size }) => sum + size, 0);
    const shown = rows.slice(0, values.top);
    const rest = rows.length - shown.length;
    const styled = styler();
    const lines = [
      styled('dim', describeSnapshot(source, snapshot)),
      `${formatSize(total)} live in ${rows.length} sites, ${describeView(values)}`,
      ...(shown.length > 0 ? statisticRows(shown, styled) : []),
      ...(rest > 0 ? [styled('dim', `and ${rest} more (--top)`)] : []),
    ];
    await print(`${lines.join('\n')}\n`);
    return 0;
  },
});
