// SPDX-License-Identifier: MIT
// Writes docs/real-programs.md: the last result of each program under each Node.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const KEPT = join(ROOT, 'docs/real-programs.json');
// Seconds below which a ratio shows the clock's error rather than the program.
const MEASURABLE = 0.5;

/** @param programs all there are; @param results those of this run */
export function writeTable(programs, results) {
  const all = keep(results);
  const versions = [...new Set(all.map(({ version }) => version))].sort();
  const { version } = readJson(join(ROOT, 'package.json'));
  const { dependencies } = readJson(join(import.meta.dirname, 'package.json'));
  const rows = programs.map((program) => {
    const cells = versions.map((v) =>
      cellOf(
        program,
        all.find((result) => result.name === program.name && result.version === v),
      ),
    );
    return `| ${[program.name, program.about, program.ends, ...cells].join(' | ')} |`;
  });
  const reasons = programs
    .filter(({ differs }) => differs)
    .map(({ name, differs }) => `\`${name}\` differs: ${differs}.`);
  const noise = all.filter(({ plain }) => plain > MEASURABLE).map(({ noise }) => noise);
  const [least, most] = [Math.min(...noise), Math.max(...noise)].map((ratio) => ratio.toFixed(2));
  writeFileSync(
    join(ROOT, 'docs/real-programs.md'),
    `# Real programs

Written by \`npm run programs\` on ${new Date().toISOString().slice(0, 10)} for tracemalloc ${version}.

Each program runs unchanged in a fresh directory, four times under each Node: untraced; with \`NODE_OPTIONS="--require tracemalloc/register" TRACEMALLOC=1 TRACEMALLOC_SAMPLE_INTERVAL=8KiB\`; the same with a report every 250 ms and at exit; untraced again. "same" means that all four have the same exit code or signal, the same bytes on stdout and stderr (except times, process ids and tracemalloc's own lines), the same files with the same bytes, and the same responses to the same requests, and that there is a report where one was requested. "one warning" means that the program can't be traced, and that one line on stderr says so. An empty cell means that the program was not run.

× is the ratio of the CPU time of the traced run, children included, to the mean of the untraced ones, where these take more than ${MEASURABLE} s. Each is a single run on a shared machine: the two untraced runs differ by ×${least} to ×${most}. An interval of 8 KiB is finer than the default, which tunes itself, and costs accordingly.

| program | what it does | ends with | ${versions.map((v) => `Node ${v}`).join(' | ')} |
|---|---|---|${versions.map(() => '---|').join('')}
${rows.join('\n')}

${reasons.join('\n')}

Versions: ${Object.entries(dependencies)
      .map(([name, v]) => `${name} ${v}`)
      .join(', ')}.
`,
  );
}

function keep(results) {
  const isNew = (kept) =>
    !results.some(({ name, version }) => name === kept.name && version === kept.version);
  const all = [...(existsSync(KEPT) ? readJson(KEPT).filter(isNew) : []), ...results];
  writeFileSync(KEPT, JSON.stringify(all, null, 1));
  return all;
}

function cellOf(program, result) {
  if (!result) return '';
  const state = stateOf(program, result);
  return result.plain > MEASURABLE ? `${state} ×${result.ratio.toFixed(2)}` : state;
}

function stateOf(program, { faults }) {
  if (faults.length > 0) return '**differs**';
  if (program.differs) return 'differs, see below';
  return program.untraced ? 'same, one warning' : 'same';
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
