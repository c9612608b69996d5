// SPDX-License-Identifier: MIT
// Writes docs/compatibility.md: runs the binaries of prebuilds/ under the oldest and the newest
// patch of each supported Node, and records the results. For a release, after `npm run prebuilds`
// and `npm run test:install`.
//
//   node scripts/compatibility.mjs
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './compile-addon.mjs';
import { ensureNodes, ensureOldestNodes } from './nodes.mjs';

const INDEX = pathToFileURL(join(ROOT, 'dist/index.js')).href;
const LINE = 5;
// Keeps 8 MB on the heap and 8 MB outside it, each on a line of its own.
const PROGRAM = `import * as tracemalloc from '${INDEX}';
tracemalloc.start({ sampleInterval: 4096 });
const kept = [];
for (let i = 0; i < 1000; i++) {
  kept.push(new Array(1000).fill(i));
  kept.push(Buffer.alloc(8000));
}
const snapshot = tracemalloc.takeSnapshot();
const { precision, reason, engine, versions } = tracemalloc.status();
const domains = snapshot.domains.map((name) => {
  const traces = snapshot.filterTraces([new tracemalloc.DomainFilter({ inclusive: true, domain: name })]);
  const [top] = traces.statistics('traceback');
  const isOurs = ({ filename }) => !filename.startsWith('node:');
  return { name, size: top?.size ?? 0, lineno: top?.traceback.frames.findLast(isOurs)?.lineno };
});
tracemalloc.stop();
console.log(JSON.stringify({ precision, reason, engine, versions, domains, kept: kept.length }));
`;

const nodes = [
  ...[...ensureOldestNodes(), ...ensureNodes()].map((node) => ({ ...node, platform: 'linux-x64' })),
  ...ensureNodes({ arch: 'arm64' }).map((node) => ({ ...node, platform: 'linux-arm64' })),
];
const byPlatformAndVersion = (a, b) =>
  b.platform.localeCompare(a.platform) ||
  a.version.localeCompare(b.version, 'en', { numeric: true });
const rows = nodes.sort(byPlatformAndVersion).map(rowOf);

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const today = new Date().toISOString().slice(0, 10);
writeFileSync(
  join(ROOT, 'docs/compatibility.md'),
  `# Compatibility

Written by \`scripts/compatibility.mjs\` on ${today} for tracemalloc ${version}: each row is a run of the shipped binary. The program keeps 8 MB on V8's heap and 8 MB in Buffers, sampled every 4 KiB; each domain is listed with the share of its 8 MB that was found (at line precision: on the right line).

| platform | Node | V8 | ABI | precision | domains | remark |
|---|---|---|---|---|---|---|
${rows.join('\n')}

linux-arm64 ran under qemu's user mode emulation: its lines were tested under emulation, not yet on hardware, which \`scripts/prove-platform.sh\` of a checkout does. Patch versions between the oldest and the newest of a major version use the same binary; the V8 internals that matter are checked in each process.

Elsewhere (other C libraries than glibc, other operating systems and architectures, Electron, Node with pointer compression or V8's sandbox, newer Nodes) the heap is traced by function without the addon: [without-addon.md](without-addon.md). Not supported: Bun and Deno. [install.md](install.md) says more.
`,
);

function rowOf({ platform, version, executable }) {
  const { status, signal, stdout, stderr } = spawnSync(
    executable,
    ['--input-type=module', '--eval', PROGRAM],
    { encoding: 'utf8', timeout: 120_000 },
  );
  console.log(`${platform} ${version}: ${stdout || stderr}`);
  if (status !== 0)
    return row([platform, version, '', '', 'none', '', `ended with ${status ?? signal}`]);
  const seen = JSON.parse(stdout);
  const domains = seen.domains.map((domain) => {
    const isRight = seen.precision === 'line' ? isExpectedLine(domain) : true;
    return `${domain.name} ${isRight ? `${Math.round(domain.size / 8e4)} %` : 'elsewhere'}`;
  });
  const { v8, abi } = seen.versions;
  return row([platform, version, v8, abi, seen.precision, domains.join(', '), seen.reason]);
}

function isExpectedLine({ name, lineno }) {
  return lineno === (name === 'heap' ? LINE : LINE + 1);
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}
