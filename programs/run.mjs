// SPDX-License-Identifier: MIT
// Runs unchanged third-party programs with and without tracemalloc: everything observable from
// outside must be the same. Exits with 1 if anything differs. Writes docs/real-programs.md from the
// last result of each program under each Node; these are kept beside it as JSON.
//
//   npm run programs                      all programs, all Nodes
//   npm run programs -- --node 22 eslint  those whose names begin so, under one Node (repeatable)
//   npm run programs -- --quick           the small ones, twice only, under the running Node; as in CI
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNodes } from '../scripts/nodes.mjs';
import { behaviours } from './cases/behaviours.mjs';
import { programs } from './cases/programs.mjs';
import { differences, firstDifference, separate } from './compare.mjs';
import { execute } from './execute.mjs';
import { installPrograms } from './install.mjs';
import { writeTable } from './table.mjs';

const REGISTER = join(import.meta.dirname, '../dist/register.js');
const TRACED = { NODE_OPTIONS: `--require ${REGISTER}`, TRACEMALLOC: '1' };
const AT_8_KIB = { ...TRACED, TRACEMALLOC_SAMPLE_INTERVAL: '8KiB' };
const REPORTING = {
  ...AT_8_KIB,
  TRACEMALLOC_REPORT_EVERY: '250ms',
  TRACEMALLOC_REPORT_AT_EXIT: '1',
};

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
  },
});

const nodes = flags.quick
  ? [{ version: process.version.slice(1), executable: process.execPath }]
  : ensureNodes({ wanted: flags.node.length > 0 ? flags.node : ['20', '22', '24', '26'] });
const all = [...programs, ...behaviours];
const chosen = all.filter(
  ({ name, own }) =>
    (!flags.quick || own) && (wanted.length === 0 || wanted.some((w) => name.startsWith(w))),
);
const needsModules = chosen.some(({ own }) => !own);
const home = needsModules ? installPrograms() : join(import.meta.dirname, '../build');
// In a sibling of node_modules, so that programs find their packages as in any project.
const directory = mkdtempSync(join(home, 'work-'));
const results = [];
for (const { version, executable } of nodes) {
  // The same build as for the tests, so that neither repeats the other's.
  const build = [join(import.meta.dirname, '../scripts/build-native.mjs'), '--probe'];
  const { status } = spawnSync(executable, build, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`the addon could not be built for Node ${version}`);
}
try {
  for (const program of chosen) {
    for (const { version, executable } of nodes) {
      const modules = join(home, 'node_modules');
      const runWith = (env) => execute(program, { executable, modules, directory, env });
      const result = { name: program.name, version, ...(await compared(program, runWith)) };
      results.push(result);
      const ratios = `CPU ×${result.ratio.toFixed(2)}, without again ×${result.noise.toFixed(2)}`;
      console.log(
        `${result.faults.length === 0 ? 'same' : 'DIFFERS'}  ${program.name}, Node ${version}, ${ratios}`,
      );
      for (const fault of result.faults) console.log(`  ${fault}`);
    }
    if (!flags.quick) writeTable(all, results);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

const failed = results.filter(({ faults }) => faults.length > 0).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 || results.length === 0 ? 1 : 0;

// Runs without tracemalloc first and last, to find what varies without tracing, too.
async function compared(program, runWith) {
  const without = await runWith({});
  const reporting = await runWith(REPORTING);
  const traced = flags.quick ? reporting : await runWith(AT_8_KIB);
  const again = flags.quick ? without : await runWith({});
  const plain = (without.cpu + again.cpu) / 2;
  const costs = { plain, ratio: traced.cpu / plain, noise: again.cpu / without.cpu };
  const faults = [];
  const end = without.code ?? without.signal;
  if (end !== program.ends)
    faults.push(`ends with ${end} without tracemalloc, not ${program.ends}: ${without.stderr}`);
  const compare = (how, outcome) => {
    for (const difference of differences(without, outcome, program))
      faults.push(`${how}: ${firstDifference(difference)}`);
  };
  compare('not even the same without', again);
  compare('traced', traced);
  compare('reporting', reporting);
  if (program.differs) {
    const isAsSaid = faults.length === 2 && faults[0].startsWith('traced');
    return { ...costs, faults: isAsSaid ? [] : [`not as expected: ${program.differs}`, ...faults] };
  }
  const warned = (outcome) => separate(outcome.stderr).warnings;
  const { untraced = /^$/ } = program;
  for (const outcome of [traced, reporting])
    if (!untraced.test(warned(outcome).join('\n'))) faults.push(`warns: ${warned(outcome)}`);
  const { reports } = separate(`${reporting.stdout}\n${reporting.stderr}`);
  if (!program.silent && !program.untraced && reports.length === 0)
    faults.push('reporting: there was no report');
  return { ...costs, faults };
}
