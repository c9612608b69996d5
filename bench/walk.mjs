// SPDX-License-Identifier: MIT
// The cost of a walk: nanoseconds for 16 frames from a warm cache, by tier, and how often the cache
// has a frame in real programs (the npm CLI, a TypeScript compile, an HTTP service under load).
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

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const DEPTH = 16;

if (process.argv[2] === 'time') {
  const abi = process.versions.modules;
  const probe = require(`../build/abi${abi}/build/Release/tracemalloc_probe.node`);
  const reason = probe.start();
  if (reason !== '') throw new Error(reason);
  let measure = false;
  const inner = (n) => {
    if (n > 0) return 1 + inner(n - 1);
    return measure ? probe.walkTime(DEPTH) : 0;
  };
  for (let i = 0; i < 50_000; i++) inner(DEPTH);
  measure = true;
  console.log((inner(DEPTH) - DEPTH).toFixed(0));
} else {
  const time = (...flags) =>
    execFileSync(process.execPath, [...flags, fileURLToPath(import.meta.url), 'time'], {
      encoding: 'utf8',
    }).trim();
  console.log(`Node ${process.version}, ${DEPTH} frames, cached:`);
  console.log(`  default flags  ${time()} ns`);
  console.log(`  interpreter    ${time('--no-opt', '--no-sparkplug', '--no-maglev')} ns`);

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
