// SPDX-License-Identifier: MIT
// Changes shared globals, as mocks, polyfills and careless code do; runs long enough for reports.
import fs from 'node:fs';
import { keep } from './keep.mjs';

const setTimer = globalThis.setTimeout;
let calls = 0;
for (const name of ['readFileSync', 'writeSync', 'existsSync', 'statSync']) {
  const original = fs[name];
  fs[name] = (...args) => {
    calls++;
    return original(...args);
  };
}
Object.prototype.extra = 'extra';
Array.prototype.more = () => 'more';
Date.now = () => 0;
performance.now = () => 0;
globalThis.setTimeout = globalThis.setInterval = () => 'mocked';
Error.prepareStackTrace = (error) => {
  calls++;
  return `mocked ${error.message}`;
};
Error.stackTraceLimit = 0;
console.log(new Error('stack').stack, calls);
calls = 0;
let rounds = 0;
const round = () => {
  rounds++;
  console.log(keep(1000), calls);
  if (rounds < 4) setTimer(round, 250);
};
round();
