// SPDX-License-Identifier: MIT
// Generated programs under each Node: which objects are reported at a wrong line?
//
//   npm run oracle -- [--seeds A..B | today] [--node 20|22|24|25|26|all] [--turns N] [--only TEXT]
//                     [--flags="V8 FLAGS"] [--program constructs|rows] [--jobs N] [--list]
//
//   --seeds    default today: fifty, different each day
//   --only     constructs whose kind contains this; --list prints all kinds
//   --program  constructs: test/oracle/generate, judged through the package; rows: object literals,
//              a small class, arrays and closures, each on the line of its call, judged by the
//              sample through the probe addon
//
// A seed fails if one object is reported at a wrong line as exact; a Node fails if more than 0.5 % of
// the reported objects are approximate, except for code that was hot before tracing started.
import { execFile, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { excerpt, Figures, ofRows } from './figures.mjs';
import { KINDS } from './generate/program.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const SEEDS_A_DAY = 50;
const TIME_LIMIT = 180_000;

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: 'today' },
    node: { type: 'string', default: 'all' },
    turns: { type: 'string', default: '1500' },
    only: { type: 'string', default: '' },
    flags: { type: 'string', default: '' },
    program: { type: 'string', default: 'constructs' },
    jobs: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
  },
});
const isRows = options.program === 'rows';

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
  const given = Object.entries({ only: options.only, flags: options.flags })
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ` --${name}="${value}"`);
  return `npm run oracle -- --seeds ${seed} --node ${major} --turns ${options.turns} --program ${options.program}${given.join('')}`;
}

/** The output of one seed's process, or why it printed nothing. */
async function runSeed(executable, seed, major) {
  const script = isRows ? 'run-allocations.mjs' : 'run-generated.mjs';
  const abi = spawnSync(executable, ['-p', 'process.versions.modules'], { encoding: 'utf8' });
  const probe = join(root, `build/abi${abi.stdout.trim()}/build/Release/tracemalloc_probe.node`);
  const flags = options.flags.split(' ').filter((flag) => flag !== '');
  const args = isRows ? [probe, seed, options.turns] : [seed, options.turns, options.only];
  try {
    const { stdout } = await promisify(execFile)(
      executable,
      ['--expose-gc', ...flags, join(here, script), ...args.map(String)],
      { timeout: TIME_LIMIT, maxBuffer: 1 << 28 },
    );
    const result = JSON.parse(stdout);
    return isRows ? ofRows(result) : result;
  } catch (error) {
    const text = String(error.stderr ?? error.stack).trim();
    return { seed, failure: text || `${error.signal ?? error.message} (Node ${major})` };
  }
}

async function runNode({ version, executable }, [first, last]) {
  const major = version.split('.')[0];
  const built = spawnSync(executable, [join(root, 'scripts/build-native.mjs'), '--probe'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) throw new Error(`the addon for Node ${version} could not be built`);
  console.log(`\nNode ${version}, seeds ${first}..${last}, ${options.turns} turns`);
  const figures = new Figures();
  let next = first;
  const worker = async () => {
    while (next <= last) {
      const seed = next++;
      const result = await runSeed(executable, seed, major);
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
  let isGood = true;
  for (const node of ensureNodes()) {
    if (wanted !== undefined && !wanted.includes(node.version.split('.')[0])) continue;
    isGood = (await runNode(node, seeds)) && isGood;
  }
  process.exitCode = isGood ? 0 : 1;
}
