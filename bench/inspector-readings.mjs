// SPDX-License-Identifier: MIT
// What a reading of the engine `inspector` takes, beside a garbage collection of the whole heap, by
// the size of the heap, under all Nodes: the table of docs/without-addon.md.
//
//   node bench/inspector-readings.mjs
import { spawnSync } from 'node:child_process';
import { ensureNodes } from '../scripts/nodes.mjs';

const MEGABYTES = [10, 100, 500];

// Objects of 40 bytes in lists of 1000, as many as fill the heap.
const PROGRAM = `
const { start, takeSnapshot } = await import(process.argv[1]);
const megabytes = Number(process.argv[2]);
start();
class Row { constructor(i) { this.i = i; this.next = i; } }
globalThis.kept = [];
for (let i = 0; i < megabytes * 21; i++) kept.push(Array.from({ length: 1000 }, (_, j) => new Row(j)));
const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
const timed = (work) => { const begun = performance.now(); work(); return performance.now() - begun; };
gc();
const collection = median([1, 2, 3].map(() => timed(gc)));
const reading = timed(() => takeSnapshot());
console.log(JSON.stringify({ reading, collection }));
`;

const index = new URL('../dist/index.js', import.meta.url).href;
console.log('| Node | heap | reading, ms | collection of all garbage, ms | ratio |');
console.log('|---|---|---|---|---|');
for (const { version, executable } of ensureNodes()) {
  for (const megabytes of MEGABYTES) {
    const args = ['--no-addons', '--expose-gc', '--max-old-space-size=4096', '--input-type=module'];
    const { stdout, stderr, status } = spawnSync(
      executable,
      [...args, '--eval', PROGRAM, index, `${megabytes}`],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    const { reading, collection } = JSON.parse(stdout);
    const cells = [version, `${megabytes} MB`, reading.toFixed(1), collection.toFixed(1)];
    console.log(`| ${[...cells, (reading / collection).toFixed(2)].join(' | ')} |`);
  }
}
