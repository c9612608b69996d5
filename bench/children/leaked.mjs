// SPDX-License-Identifier: MIT
// One leak under one tracker, in a process of its own. Cold: tracking begins, then the leak's module
// is loaded. Hot: the leak has run before, until V8 has optimized it. The truth is counted without a
// tracker: what the heap and the Buffers grew by, after full collections. Answers JSON on stdout.
//
//   node --expose-gc bench/children/leaked.mjs LEAK TRACKER cold|hot
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, placesOf } from '../library/attribution.mjs';
import { trackers } from '../library/trackers.mjs';

const [name, trackerName, temperature] = process.argv.slice(2);
const file = new URL(`./leaks/${name}.mjs`, import.meta.url);
const tracker = trackers[trackerName].create();

/** Bytes in use once everything dead is gone: weak callbacks need a turn of the event loop. */
async function bytesInUse() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await sleep(1);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const run = ({ leak }, calls) => {
  for (let n = 0; n < calls; n++) leak(n);
};

let module;
if (temperature === 'cold') {
  await tracker.start();
  module = await import(file);
} else {
  module = await import(file);
  for (let round = 0; round < 3; round++) {
    run(module, module.calls);
    module.forget();
    await sleep(20); // code is compiled on another thread
  }
  await bytesInUse();
  await tracker.start();
}
await tracker.read?.(); // what reading needs for itself is there before
const before = await bytesInUse();
run(module, module.calls);
const truth = (await bytesInUse()) - before;

const source = readFileSync(file, 'utf8').split('\n');
const line = source.findIndex((text) => text.endsWith('// leaks')) + 1;
const functionLine = source.findLastIndex((text, i) => i < line && /function|=>/.test(text)) + 1;
const rows = await tracker.read?.();
const url = file.href;
// A tracker whose file is written at exit is judged by who started this process.
const verdict = rows && judge(placesOf(rows), { url, line, functionLine });
process.stdout.write(JSON.stringify({ url, line, functionLine, truth, ...verdict }));
process.exit();
