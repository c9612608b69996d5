// SPDX-License-Identifier: MIT
import { TracemallocError } from '../errors.js';
import { writeWhole } from '../files/whole-file.js';
import { toHtml } from '../html/render.js';
import { plainName } from '../text/plain-text.js';
import { defineCommand } from './command.js';
import { TOKEN } from './input.js';
import { print } from './output.js';
import { withProgress } from './progress.js';
import { readSeries } from './series.js';

export const report = defineCommand({
  name: 'report',
  summary:
    'Writes one HTML file to view and pass on: what holds the memory or, with OLD, what grew.\nWith more files, or a directory of dumps, it compares the newest with the oldest of its process,\nand shows memory over time from all of them. It opens from disk, and loads and sends nothing.',
  operands: 'FILE|URL|PORT|DIRECTORY [OLD...]',
  arity: [1, Number.POSITIVE_INFINITY],
  options: {
    output: { value: 'FILE', short: 'o', meaning: 'output file', default: 'tracemalloc.html' },
    sources: {
      meaning: 'show source lines from scripts below the working directory; credentials are masked',
    },
    sourceRoot: {
      value: 'DIRECTORY',
      meaning: 'show source lines from scripts below this directory; may be repeated',
      multiple: true,
    },
    ...TOKEN,
  },
  examples: [
    'tracemalloc report heap.pb.gz',
    'tracemalloc report after.pb.gz before.pb.gz -o growth.html',
    'tracemalloc report /var/dumps',
    'tracemalloc report 3000 before.pb.gz --sources',
    'tracemalloc report heap.pb.gz --source-root /srv/app',
  ],
  async run({ output, sources, sourceRoot, token }, operands) {
    const roots = [...(sources ? ['.'] : []), ...sourceRoot];
    const html = await withProgress(async (progress) => {
      const { now, old, histories } = await readSeries(operands, { token, progress });
      return toHtml(now.snapshot, {
        source: now.source,
        sources: roots,
        histories,
        ...(old === undefined ? {} : { old: old.snapshot, oldSource: old.source }),
        onProgress: progress.of(`writing ${output}`),
      });
    });
    try {
      await writeWhole(output, html);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new TracemallocError('ERR_WRITE_FAILED', `can't write ${output}: ${reason}`, { cause });
    }
    await print(`wrote ${plainName(output)}, ${Math.ceil(html.length / 1024)} KiB\n`);
    return 0;
  },
});
