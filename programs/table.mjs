// SPDX-License-Identifier: MIT
// Writes docs/real-programs.md from the results of run.mjs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
// Below it, a ratio says more about the clock than about the program.
const MEASURABLE = 0.5;

export function writeTable(results) {
  const versions = [...new Set(results.map(({ version }) => version))];
  const names = [...new Set(results.map(({ program }) => program.name))];
  const { version } = readJson(join(ROOT, 'package.json'));
  const { dependencies } = readJson(join(import.meta.dirname, 'package.json'));
  const rows = names.map((name) => {
    const { program } = results.find((result) => result.program.name === name);
    const cells = versions.map((v) =>
      cellOf(results.find((result) => result.program.name === name && result.version === v)),
    );
    return `| ${[name, program.about, program.ends, ...cells].join(' | ')} |`;
  });
  const reasons = [...new Set(results.map(({ program }) => program))]
    .filter(({ differs }) => differs)
    .map(({ name, differs }) => `\`${name}\` differs: ${differs}.`);
  const noise = results.filter(({ plain }) => plain > MEASURABLE).map(({ noise }) => noise);
  writeFileSync(
    join(ROOT, 'docs/real-programs.md'),
    `# Real programs

Written by \`npm run programs\` on ${new Date().toISOString().slice(0, 10)} for tracemalloc ${version}.

Each program runs unchanged in a fresh directory, four times under each Node: alone; with \`NODE_OPTIONS=--require tracemalloc/register TRACEMALLOC=1 TRACEMALLOC_SAMPLE_INTERVAL=8KiB\`; the same with a report each second and at exit; alone again. "same" means: in all four the same exit code or signal, the same bytes on stdout and on stderr (but for times, process ids and tracemalloc's own lines), the same files with the same bytes, the same answers to the same requests, and a report where one was asked for. "one warning": it can't be traced, and one line on stderr says so.

× is the CPU time of the second run against the mean of the first and last, children included, where these take more than ${MEASURABLE} s; one run each on a shared machine: the two runs without tracemalloc differed by ×${Math.min(...noise).toFixed(2)} to ×${Math.max(...noise).toFixed(2)}. 8 KiB is 64 times finer than the default, and costs accordingly.

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

function cellOf(result) {
  if (!result) return 'not for this Node';
  const state = stateOf(result);
  return result.plain > MEASURABLE ? `${state} ×${result.ratio.toFixed(2)}` : state;
}

function stateOf({ faults, program }) {
  if (faults.length > 0) return '**differs**';
  if (program.differs) return 'differs, see below';
  return program.untraced ? 'same, one warning' : 'same';
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
