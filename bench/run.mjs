// SPDX-License-Identifier: MIT
// The comparison: runs the jobs of all parts that have no result yet, and writes the report after
// each part, from the existing results. A job is one paired round: fresh processes in random order,
// one for each column.
//
//   node bench/run.mjs [--short] [--fresh] [--parts cpu,start,...] [--rounds N] [--out DIR]
//                      [--workloads json,...] [--leaks timers,...] [--trackers 'A/A,tracemalloc 8 KiB']
//
// --fresh deletes the results of this Node and mode. --out: the directory for results and report,
// in place of build/bench and docs. google pprof is found in the directory BENCH_PEERS.
// BENCH_BEFORE is a built checkout of other code, which the trackers named `before 512 KiB` and so
// on measure.
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeReport } from './library/page.mjs';
import { append, fileOf, readLines } from './library/results.mjs';
import { trackers, whyNot } from './library/trackers.mjs';

const PARTS = ['start', 'snapshot', 'leaks', 'growth', 'python', 'cpu'];
const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    parts: { type: 'string', default: PARTS.join(',') },
    rounds: text,
    workloads: text,
    leaks: text,
    trackers: text,
    out: text,
  },
});
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const directory = values.out ?? here('../build/bench');
const mode = values.short ? 'short' : 'full';
mkdirSync(directory, { recursive: true });
if (values.fresh) rmSync(fileOf(directory, mode), { force: true });

const options = {
  isShort: values.short,
  rounds: values.rounds && Number(values.rounds),
  workloads: values.workloads?.split(','),
  leaks: values.leaks?.split(','),
  columns: values.trackers?.split(','),
};
for (const name of options.columns ?? []) {
  if (name in trackers) continue;
  console.error(`no tracker ${name}; there are: ${Object.keys(trackers).join(', ')}`);
  process.exit(1);
}
const keyOf = ({ part, row, round }, column) => [part, row, round, column].join('|');
const done = new Set(
  readLines(fileOf(directory, mode))
    .filter(({ failed }) => !failed)
    .map((line) => keyOf(line, line.column)),
);

/** The measured figures, or why there are none. */
async function linesOf(job) {
  const lines = [];
  const wanted = [];
  for (const column of job.columns.filter((name) => !done.has(keyOf(job, name)))) {
    const note = trackers[column] && (await whyNot(column));
    if (note === undefined) wanted.push(column);
    else lines.push({ column, note });
  }
  if (wanted.length === 0) return lines;
  try {
    return [...lines, ...(await job.run(wanted))];
  } catch (error) {
    const note = `failed: ${error.message.split('\n')[0]}`;
    return [...lines, ...wanted.map((column) => ({ column, note, failed: true }))];
  }
}

const begun = performance.now();
let page;
for (const part of values.parts.split(',')) {
  const { jobs } = await import(`./parts/${part}.mjs`);
  const list = jobs(options);
  for (const [i, job] of list.entries()) {
    const { row, round } = job;
    const lines = await linesOf(job);
    append(
      directory,
      mode,
      lines.map((line) => ({ part: job.part, row, round, ...line })),
    );
    const seconds = Math.round((performance.now() - begun) / 1000);
    process.stderr.write(`${seconds} s: ${part} ${i + 1} of ${list.length}: ${row}\n`);
    for (const { note, failed } of lines) if (failed) process.stderr.write(`  ${note}\n`);
  }
  page = writeReport(directory, values.out ?? here('../docs'));
}
console.log(page);
