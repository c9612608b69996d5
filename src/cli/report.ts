// SPDX-License-Identifier: MIT
import { toHtml } from '../html/render.js';
import { OPTIONS } from '../options.js';
import { plainName } from '../text/plain-text.js';
import { defineCommand, UsageError } from './command.js';
import { TOKEN } from './input.js';
import { print, write } from './output.js';
import { withProgress } from './progress.js';
import { seriesMarkdown } from './report-markdown.js';
import { readSeries } from './series.js';

export const report = defineCommand({
  name: 'report',
  summary:
    'Writes one HTML file to view and pass on: what holds the memory or, with OLD, what grew.\nWith more files, or a directory of dumps, it compares the newest with the oldest of its process,\nand shows memory over time from all of them. It opens from disk, and loads and sends nothing.',
  operands: 'FILE|URL|PORT|DIRECTORY [OLD...]',
  arity: [1, Number.POSITIVE_INFINITY],
  options: {
    output: {
      value: 'FILE',
      short: 'o',
      meaning: 'output file (default tracemalloc.html, or stdout for Markdown)',
    },
    format: {
      value: 'FORMAT',
      meaning: 'html, or md: sites, memory and its history as Markdown',
      ...OPTIONS.fileFormat.text,
    },
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
    'tracemalloc report /var/dumps --format md',
  ],
  async run({ output: given, format, sources, sourceRoot, token }, operands) {
    const roots = [...(sources ? ['.'] : []), ...sourceRoot];
    if (format === 'md') {
      if (roots.length > 0) throw new UsageError('source lines are shown in HTML only');
      const series = await withProgress((progress) => readSeries(operands, { token, progress }));
      const text = seriesMarkdown(series);
      if (given === undefined) await print(text);
      else await write(given, text);
      return 0;
    }
    const output = given ?? 'tracemalloc.html';
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
    await write(output, html);
    await print(`wrote ${plainName(output)}, ${Math.ceil(html.length / 1024)} KiB\n`);
    return 0;
  },
});
