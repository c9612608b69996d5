// SPDX-License-Identifier: MIT
// Runs generated programs under the flags of this process and compares every recorded stack with
// V8's own. Prints one line of JSON.
//
//   node [flags] test/oracle/run-programs.mjs <probe addon> <first seed> <programs> <turns> [later]
//
// `later`: V8 flags that are set after the walker has passed its self-test, which needs tiers that
// they switch off.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import { randomFrom } from './generate/source.mjs';
import { generateProgram } from './generate-program.mjs';

const [addon, firstSeed, programs, turns, later] = process.argv.slice(2);
const probe = createRequire(import.meta.url)(addon);
const reason = probe.start();
if (reason !== '') throw new Error(`no walker: ${reason}`);
if (later) v8.setFlagsFromString(later);

const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-oracle-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const totals = { stacks: 0, frames: 0, approximate: 0, mismatches: 0, first: [] };

for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(programs); seed++) {
  const isModule = seed % 2 === 0;
  const file = join(directory, `program-${seed}.${isModule ? 'mjs' : 'cjs'}`);
  writeFileSync(file, generateProgram(seed, isModule));
  const { default: cjs, ...exported } = await import(pathToFileURL(file).href);
  const { build } = cjs ?? exported;
  const { turn, loop, tail } = build(probe.probe, vm);
  const random = randomFrom(seed);
  for (let x = 0; x < Number(turns); x++) {
    // Every call of cold code, some of hot code.
    probe.every(x < 3 ? 1 : 150 + Math.floor(random() * 150));
    turn(x);
    if (x % 100 === 0) await tail(x);
  }
  probe.every(301);
  loop(Number(turns) * 10);
  const { stacks, frames, approximate, mismatches, first } = JSON.parse(probe.results());
  totals.stacks += stacks;
  totals.frames += frames;
  totals.approximate += approximate;
  totals.mismatches += mismatches;
  totals.first.push(...first.map((mismatch) => ({ seed, ...mismatch })));
  probe.clear();
}
totals.first.length = Math.min(totals.first.length, 5);
console.log(JSON.stringify(totals));
