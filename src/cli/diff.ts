// SPDX-License-Identifier: MIT
import { defineCommand } from './command.js';
import { readSnapshot, sourceOf, TOKEN } from './input.js';
import { comparison } from './listing.js';
import { FORMAT, print } from './output.js';
import { withProgress } from './progress.js';
import { VIEW } from './view.js';

export const diff = defineCommand({
  name: 'diff',
  summary: 'Shows what grew and shrank between two snapshots, the largest change first.',
  operands: 'OLD NEW',
  arity: [2, 2],
  options: { ...VIEW, ...FORMAT, ...TOKEN },
  examples: [
    'tracemalloc diff before.pb.gz after.pb.gz',
    'tracemalloc diff --key function before.pb.gz 3000',
    'tracemalloc diff --format md before.pb.gz after.pb.gz >> "$GITHUB_STEP_SUMMARY"',
  ],
  async run(values, operands) {
    const { token } = values;
    const [oldSource = '', newSource = ''] = operands.map(sourceOf);
    const [old, now] = await withProgress(async (progress) => [
      await readSnapshot(oldSource, { token, onProgress: progress.of(oldSource) }),
      await readSnapshot(newSource, { token, onProgress: progress.of(newSource) }),
    ]);
    const sides = [
      { source: oldSource, snapshot: old },
      { source: newSource, snapshot: now },
    ] as const;
    await print(comparison(...sides, values, values.format));
    return 0;
  },
});
