// SPDX-License-Identifier: MIT
import { defineCommand } from './command.js';
import { readSnapshot, sourceOf, TOKEN } from './input.js';
import { SORT, topSites } from './listing.js';
import { FORMAT, print } from './output.js';
import { withProgress } from './progress.js';
import { VIEW } from './view.js';

export const top = defineCommand({
  name: 'top',
  summary: 'Shows the sites that hold the most live memory.',
  operands: 'FILE|URL|PORT',
  arity: [1, 1],
  options: { ...VIEW, ...SORT, ...FORMAT, ...TOKEN },
  examples: [
    'tracemalloc top heap.pb.gz',
    'tracemalloc top --sort churn heap.pb.gz',
    'tracemalloc top --sort age 3000',
    'tracemalloc top --key traceback --top 3 heap.pb.gz',
    'tracemalloc top --frames app --exclude "*/test/*" 3000',
  ],
  async run(values, [operand = '']) {
    const { token } = values;
    const source = sourceOf(operand);
    const snapshot = await withProgress((progress) =>
      readSnapshot(source, { token, onProgress: progress.of(source) }),
    );
    await print(topSites({ source, snapshot }, values, values.format, values.sort));
    return 0;
  },
});
