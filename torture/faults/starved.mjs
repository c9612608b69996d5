// SPDX-License-Identifier: MIT
// Traces while the addon's allocations fail now and then (failing-malloc.cc), then without
// failures. Prints the errors, and whether the figures are right in the end.
import { clearTraces, isTracing, start, status, stop, takeSnapshot } from '../../dist/index.js';

const errors = {};
let kept = [];
let lost = 0;

/** Undefined: it failed, as it may. */
function attempt(call) {
  try {
    return call();
  } catch (error) {
    if (error.code === undefined) throw error;
    errors[error.code] = (errors[error.code] ?? 0) + 1;
    return undefined;
  }
}

const sites = Array.from({ length: 300 }, (_, i) => new Function('kept', `kept.push([${i}, {}]);`));

for (let round = 0; round < 60; round++) {
  attempt(() => start({ sampleInterval: 64 }));
  for (const site of sites) site(kept);
  kept.push(Buffer.alloc(100_000));
  if (round % 3 === 0) globalThis.gc();
  const snapshot = attempt(() => takeSnapshot({ survivors: round % 5 === 0 }));
  for (const { size, count } of snapshot?.traces ?? []) {
    if (!Number.isFinite(size + count)) throw new Error(`${size} bytes, ${count}`);
  }
  const { diagnostics } = (isTracing() && attempt(status)) || { diagnostics: {} };
  lost += (diagnostics.outOfMemory ?? 0) + (diagnostics.bufferOutOfMemory ?? 0);
  if (round % 7 === 0) attempt(clearTraces);
  if (round % 11 === 0) stop();
  if (round % 13 === 0) kept = [];
}

process.kill(process.pid, 'SIGUSR2');
await new Promise((resolve) => setTimeout(resolve, 100));
stop();
start({ sampleInterval: 1, tracebackLimit: 4 });
const memory = Buffer.alloc(1_000_000);
const buffers = takeSnapshot().traces.filter(({ domain }) => domain === 'buffer');
const found = Math.max(...buffers.map(({ size }) => size));
console.log(JSON.stringify({ errors, lost, found, expected: memory.length }));
