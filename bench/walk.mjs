// SPDX-License-Identifier: MIT
// The cost of a walk: nanoseconds for as many frames as each traceback limit keeps, from a warm
// cache, by tier, and how often the cache has a frame in real programs (the npm CLI, a TypeScript
// compile, an HTTP service under load).
//
//   node scripts/build-native.mjs --probe && node bench/walk.mjs
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { load } from './library/load.mjs';
import { spread } from './library/statistics.mjs';

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const DEPTHS = [16, 32, 64, 96, 128];
const ROUNDS = 5;

if (process.argv[2] === 'time') {
  const depth = Number(process.argv[3]);
  const abi = process.versions.modules;
  const probe = require(`../build/abi${abi}/build/Release/tracemalloc_probe.node`);
  const reason = probe.start();
  if (reason !== '') throw new Error(reason);
  let measure = false;
  const inner = (n) => {
    if (n > 0) return 1 + inner(n - 1);
    return measure ? probe.walkTime(depth) : 0;
  };
  for (let i = 0; i < 50_000; i++) inner(depth);
  measure = true;
  console.log((inner(depth) - depth).toFixed(0));
} else {
  const time = (depth, flags) =>
    Number(
      execFileSync(process.execPath, [...flags, fileURLToPath(import.meta.url), 'time', depth], {
        encoding: 'utf8',
      }),
    );
  const tiers = {
    'default flags': [],
    interpreter: ['--no-opt', '--no-sparkplug', '--no-maglev'],
  };
  console.log(`Node ${process.version}, cached, medians of ${ROUNDS}:`);
  for (const [tier, flags] of Object.entries(tiers)) {
    // Depths take turns, so that noise of the machine affects all of them.
    const rounds = Array.from({ length: ROUNDS }, () => DEPTHS.map((depth) => time(depth, flags)));
    const medians = DEPTHS.map((_, i) => spread(rounds.map((times) => times[i])).median);
    const texts = medians.map((ns, i) => `${DEPTHS[i]} frames ${ns} ns`);
    console.log(`  ${tier.padEnd(14)} ${texts.join(', ')}`);
  }

  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-walk-'));
  const started = join(directory, 'started.mjs');
  writeFileSync(
    started,
    `import { start, status } from ${JSON.stringify(pathToFileURL(join(root, 'dist/index.js')).href)};
    import { writeSync } from 'node:fs';
    start({ sampleInterval: 8192 });
    const rate = () => {
      const { walkerLookups, walkerMisses } = status().diagnostics;
      writeSync(2, \`\\nhits \${(1 - walkerMisses / walkerLookups).toFixed(4)} of \${walkerLookups}\\n\`);
    };
    process.on('exit', rate);
    process.on('SIGTERM', () => process.exit());`,
  );
  const args = (...rest) => ['--import', pathToFileURL(started).href, ...rest];
  const show = (name, text) => console.log(`  ${name.padEnd(14)} ${/hits .*/.exec(text)[0]}`);
  const run = (name, ...rest) => {
    const child = spawn(process.execPath, args(...rest), { cwd: directory });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    child.stdout.resume();
    return once(child, 'close').then(() => show(name, text));
  };
  console.log('cache, at 8 KiB:');
  const npm = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  writeFileSync(join(directory, 'package.json'), '{"name":"x","version":"1.0.0"}');
  try {
    require.resolve(npm);
    await run('npm pack', npm, 'pack', '--dry-run');
  } catch {
    console.log('  npm pack       (this Node has no npm beside it)');
  }
  writeFileSync(
    join(directory, 'compile.cjs'),
    `const ts = require(${JSON.stringify(join(root, 'node_modules/typescript5/lib/typescript.js'))});
    const program = ts.createProgram([${JSON.stringify(join(root, 'node_modules/vitest/dist/index.d.ts'))}], { noEmit: true, skipLibCheck: false });
    ts.getPreEmitDiagnostics(program);`,
  );
  await run('TypeScript 5', join(directory, 'compile.cjs'));

  const server = spawn(
    process.execPath,
    args(
      '--input-type=module',
      '--eval',
      `const { listen } = await import(${JSON.stringify(new URL('./children/workloads/http.mjs', import.meta.url).href)}); console.log(await listen());`,
    ),
  );
  let text = '';
  server.stderr.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [port] = await once(createInterface(server.stdout), 'line');
  await load({ port: Number(port), count: 20_000 });
  server.kill();
  await once(server, 'close');
  show('HTTP service', text);
  rmSync(directory, { recursive: true });
}
