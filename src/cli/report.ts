// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { TracemallocError } from '../errors.js';
import { toHtml } from '../html/render.js';
import { defineCommand } from './command.js';
import { readSnapshot, TOKEN } from './input.js';
import { print } from './output.js';

export const report = defineCommand({
  name: 'report',
  summary:
    'Writes one HTML file to look at and pass on: what holds the memory or, with OLD, what grew.\nIt opens from disk, and loads and sends nothing.',
  operands: 'FILE|URL [OLD]',
  arity: [1, 2],
  options: {
    output: { value: 'FILE', short: 'o', meaning: 'where to', default: 'tracemalloc.html' },
    noSources: { meaning: "leave out the lines' source texts, which are read from files here" },
    ...TOKEN,
  },
  examples: [
    'tracemalloc report heap.pb.gz',
    'tracemalloc report after.pb.gz before.pb.gz -o growth.html',
    'tracemalloc report http://127.0.0.1:3000 before.pb.gz --no-sources',
  ],
  async run({ output, noSources, token }, [source = '', oldSource]) {
    const snapshot = await readSnapshot(source, token);
    const old = oldSource === undefined ? undefined : await readSnapshot(oldSource, token);
    const html = toHtml(snapshot, {
      source,
      sources: !noSources,
      ...(old === undefined ? {} : { old, oldSource: oldSource ?? '' }),
    });
    try {
      await writeFile(output, html);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new TracemallocError('ERR_WRITE_FAILED', `can't write ${output}: ${reason}`, { cause });
    }
    await print(`wrote ${output}, ${Math.ceil(html.length / 1024)} KiB\n`);
    return 0;
  },
});
