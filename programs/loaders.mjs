// SPDX-License-Identifier: MIT
// Checks that lines are right for code that tools transform in memory, or bundle: each case of
// cases/loaders.mjs under each Node, against its source. Exits with 1 if any is wrong.
//
//   npm run loaders                     all of them, under all Nodes
//   npm run loaders -- --node 22 vitest those whose names begin so, under one Node (repeatable)
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureNodes } from '../scripts/nodes.mjs';
import { write } from './cases/files.mjs';
import { loaders } from './cases/loaders.mjs';
import { installPrograms } from './install.mjs';

const ROOT = join(import.meta.dirname, '..');
const LIMIT = 120_000;
const HERE = 'new Array';

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true, default: [] },
    built: { type: 'boolean', default: false },
  },
});
const nodes = ensureNodes({
  wanted: flags.node.length > 0 ? flags.node : ['20', '22', '24', '26'],
});
const chosen = loaders.filter(
  ({ name }) => wanted.length === 0 || wanted.some((w) => name.startsWith(w)),
);
for (const { version, executable } of flags.built ? [] : nodes) {
  const build = [join(ROOT, 'scripts/build-native.mjs'), '--probe'];
  const { status } = spawnSync(executable, build, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`the addon could not be built for Node ${version}`);
}
const modules = join(installPrograms(), 'node_modules');
const place = { module: (path) => join(modules, path) };
let failed = 0;
let passed = 0;
for (const loader of chosen) {
  for (const { version, executable } of nodes) {
    const major = Number(version.split('.')[0]);
    if (major < (loader.from ?? 0) || major > (loader.until ?? Infinity)) continue;
    const { fault, told } = await judged(loader, executable);
    if (fault) failed++;
    else passed++;
    console.log(`${fault ? 'WRONG' : 'right'}  ${loader.name}, Node ${version}: ${told ?? ''}`);
    if (fault) console.log(`  ${fault}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function judged(loader, executable) {
  const directory = mkdtempSync(join(dirname(modules), 'work-'));
  try {
    write(directory, loader.files);
    installOurs(directory);
    const env = {
      PATH: `${dirname(executable)}:/usr/bin:/bin`,
      // Outside the parents of the programs' directory: Next.js searches for their root only up to
      // HOME.
      HOME: '/nonexistent',
      NO_COLOR: '1',
      ...loader.env,
    };
    if (loader.first) await execute([executable, ...loader.first(place)], directory, env);
    const command = [executable, ...loader.command(place)];
    const { output, answer } = await execute(command, directory, env, loader.drive);
    const [, json] = /(?:TOLD )?(\{"filename":.*?\})/.exec(answer ?? output) ?? [];
    if (json === undefined)
      return { fault: `tells nothing: ${answer ?? ''} ${output.slice(-2000)}` };
    const told = JSON.parse(json);
    const shown = `${told.filename.replace(directory, '.')}:${told.lineno}:${told.column}${told.approximate ? ', approximate' : ''}`;
    return { told: shown, fault: faultOf(loader, directory, told) };
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function faultOf({ files, leak, place = 'exact' }, directory, told) {
  const name = leak ?? Object.keys(files).find((path) => path.startsWith('leak.'));
  const lines = files[name].split('\n');
  const line = lines.findIndex((text) => text.includes(HERE)) + 1;
  const column = lines[line - 1].indexOf(HERE) + 1;
  if (place === 'approximate') return told.approximate ? undefined : 'is not marked approximate';
  // The expected place is V8's own, in a file that a tool has written.
  if (place === 'generated')
    return told.filename.endsWith(name) ? 'is no generated place' : undefined;
  const isThere =
    told.filename === join(directory, name) ||
    (/^(?:webpack|turbopack):/.test(told.filename) && told.filename.includes(name));
  return isThere &&
    told.lineno === line &&
    told.column === (place === 'line' ? 0 : column) &&
    !told.approximate
    ? undefined
    : `is ${name}:${line}:${column}`;
}

// Installs it as users do: a copy in node_modules.
function installOurs(directory) {
  const ours = join(directory, 'node_modules/tracemalloc');
  for (const part of ['package.json', 'dist', 'prebuilds'])
    cpSync(join(ROOT, part), join(ours, part), { recursive: true });
  mkdirSync(join(ours, 'node_modules'));
  for (const name of ['@jridgewell', 'acorn', 'pprof-format'])
    symlinkSync(join(ROOT, 'node_modules', name), join(ours, 'node_modules', name));
}

async function execute([executable, ...args], cwd, env, drive) {
  const child = spawn(executable, args, { cwd, env, timeout: LIMIT, killSignal: 'SIGKILL' });
  child.stdin.end();
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  const ended = new Promise((resolve) => child.on('close', () => resolve(undefined)));
  const failed = (error) => child.kill('SIGKILL') && String(error);
  const answer = drive ? await Promise.race([drive(child).catch(failed), ended]) : undefined;
  await ended;
  return { output, answer };
}
