// SPDX-License-Identifier: MIT
// Generated programs under each Node: which objects are reported at a wrong line?
//
//   npm run oracle -- [--seeds A..B | today] [--node 20|22|24|25|26|all] [--turns N] [--only TEXT]
//                     [--flags="V8 FLAGS"] [--program constructs|rows] [--arch x64|arm64]
//                     [--jobs N] [--list]
//
//   --seeds    default today: fifty, different each day
//   --only     constructs whose kind contains this; --list prints all kinds
//   --program  constructs: test/oracle/generate, judged through the package; rows: object literals,
//              a small class, arrays and closures, each on the line of its call, judged by the
//              sample through the probe addon
//   --arch     default this machine's; another one is emulated, twenty times as slowly
//
// A seed fails if one object is reported at a wrong line as exact; a Node fails if more than 0.5 % of
// the reported objects are approximate by more than two standard errors (from seed to seed), except
// for code that was hot before tracing started.
import { execFile, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { abiOf, buildDirectory } from '../../scripts/compile-addon.mjs';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { excerpt, Figures, ofRows } from './figures.mjs';
import { KINDS } from './generate/program.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const SEEDS_A_DAY = 50;
const TIME_LIMIT = 180_000;
const TIME_LIMIT_EMULATED = 900_000;

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: 'today' },
    node: { type: 'string', default: 'all' },
    turns: { type: 'string', default: '1500' },
    only: { type: 'string', default: '' },
    flags: { type: 'string', default: '' },
    program: { type: 'string', default: 'constructs' },
    arch: { type: 'string', default: process.arch },
    jobs: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
  },
});
const isRows = options.program === 'rows';
const isEmulated = options.arch !== process.arch;

function seedsOf(text) {
  if (text === 'today') {
    const first = Number(new Date().toISOString().slice(0, 10).replaceAll('-', '')) * 100;
    return [first, first + SEEDS_A_DAY - 1];
  }
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  if (first === undefined) throw new Error(`--seeds is A..B, one number, or today, not ${text}`);
  return [Number(first), Number(last)];
}

function reproduction(seed, major) {
  const arch = isEmulated ? options.arch : '';
  const given = Object.entries({ only: options.only, flags: options.flags, arch })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ` --${name}="${value}"`);
  return `npm run oracle -- --seeds ${seed} --node ${major} --turns ${options.turns} --program ${options.program}${given.join('')}`;
}

/** The output of one seed's process, or why it printed nothing. */
async function runSeed({ executable, directory }, seed, major) {
  const script = isRows ? 'run-allocations.mjs' : 'run-generated.mjs';
  const built = buildDirectory(options.arch, abiOf(directory));
  const probe = join(built, 'build/Release/tracemalloc_probe.node');
  const flags = options.flags.split(' ').filter((flag) => flag !== '');
  const args = isRows ? [probe, seed, options.turns] : [seed, options.turns, options.only];
  try {
    const { stdout } = await promisify(execFile)(
      executable,
      ['--expose-gc', ...flags, join(here, script), ...args.map(String)],
      { timeout: isEmulated ? TIME_LIMIT_EMULATED : TIME_LIMIT, maxBuffer: 1 << 28 },
    );
    const result = JSON.parse(stdout);
    return isRows ? ofRows(result) : result;
  } catch (error) {
    const text = String(error.stderr ?? error.stack).trim();
    return { seed, failure: text || `${error.signal ?? error.message} (Node ${major})` };
  }
}

async function runNode(node, [first, last]) {
  const { version } = node;
  const major = version.split('.')[0];
  // Not by the emulated Node: compilers do not run there.
  const [{ executable }] = ensureNodes({ wanted: [version] });
  const built = spawnSync(
    executable,
    [join(root, 'scripts/build-native.mjs'), '--probe', '--arch', options.arch],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (built.status !== 0) throw new Error(`the addon for Node ${version} could not be built`);
  console.log(`\nNode ${version} ${options.arch}, seeds ${first}..${last}, ${options.turns} turns`);
  const figures = new Figures();
  let next = first;
  const worker = async () => {
    while (next <= last) {
      const seed = next++;
      const result = await runSeed(node, seed, major);
      if (!figures.add(result)) {
        console.log(`FAILED: ${reproduction(seed, major)}`);
        console.log(result.failure ?? excerpt(result, options.only));
      }
    }
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
  console.log(figures.report());
  return figures.isGood();
}

if (options.list) {
  console.log(KINDS.join('\n'));
} else {
  const seeds = seedsOf(options.seeds);
  const wanted = options.node === 'all' ? undefined : options.node.split(',');
  const nodes = ensureNodes({ arch: options.arch }).filter(
    ({ version }) => wanted?.includes(version.split('.')[0]) ?? true,
  );
  if (nodes.length === 0) throw new Error(`there is no Node ${options.node} for ${options.arch}`);
  let isGood = true;
  for (const node of nodes) isGood = (await runNode(node, seeds)) && isGood;
  process.exitCode = isGood ? 0 : 1;
}
