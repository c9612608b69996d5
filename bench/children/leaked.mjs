// SPDX-License-Identifier: MIT
// One leak under one tracker, in its own process. Cold: tracking begins, then the leak's module is
// loaded. Hot: the leak has run before, until V8 has optimized it. The truth is measured without a
// tracker: the growth of the heap and the Buffers, after full collections. Prints JSON.
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
await tracker.read?.(); // reading once before creates the objects that it needs itself
const before = await bytesInUse();
run(module, module.calls);
const truth = (await bytesInUse()) - before;

const source = readFileSync(file, 'utf8').split('\n');
const line = source.findIndex((text) => text.endsWith('// leaks')) + 1;
const functionLine = source.findLastIndex((text, i) => i < line && /function|=>/.test(text)) + 1;
const rows = await tracker.read?.();
const url = file.href;
// A tracker whose file is written at exit is judged by the parent process.
const verdict = rows && judge(placesOf(rows), { url, line, functionLine });
process.stdout.write(JSON.stringify({ url, line, functionLine, truth, ...verdict }));
process.exit();
