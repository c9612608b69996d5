// SPDX-License-Identifier: MIT
// Writes docs/bytes.md: each kind of object that V8 makes for JavaScript, its bytes by V8's own
// figure beside ours, under every supported Node. The figures themselves are in docs/bytes.json,
// where those of Nodes that this run leaves out are kept.
//
//   node bench/bytes/run.mjs [--node 22] [--interval 256] [--bytes 5e6]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from '../../scripts/compile-addon.mjs';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { kinds } from './kinds.mjs';
import { toMarkdown } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    node: { type: 'string' },
    interval: { type: 'string', default: '256' },
    bytes: { type: 'string', default: '5e6' },
  },
});
const MEASURED = fileURLToPath(new URL('measured.mjs', import.meta.url));
const FIGURES = join(ROOT, 'docs/bytes.json');
// A process that ends early loses the figures of its kinds.
const KINDS_PER_PROCESS = 20;

async function measure(executable, names) {
  const flags = ['--expose-gc', '--no-flush-bytecode', '--no-compilation-cache'];
  const child = spawn(executable, [...flags, MEASURED, options.interval, options.bytes, ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${executable} ended with ${code}, measuring ${names}`);
  return text.trim().split('\n').map(JSON.parse);
}

const figures = existsSync(FIGURES) ? JSON.parse(readFileSync(FIGURES, 'utf8')) : {};
const names = Object.keys(kinds);
for (const { version, executable } of ensureNodes()) {
  if (options.node !== undefined && !version.startsWith(`${options.node}.`)) continue;
  const rows = [];
  for (let n = 0; n < names.length; n += KINDS_PER_PROCESS) {
    rows.push(...(await measure(executable, names.slice(n, n + KINDS_PER_PROCESS))));
  }
  const [major] = version.split('.');
  figures[major] = { version, date: new Date().toISOString().slice(0, 10), rows };
  writeFileSync(FIGURES, `${JSON.stringify(figures, null, 1)}\n`);
}
writeFileSync(join(ROOT, 'docs/bytes.md'), toMarkdown(figures, names));
