// SPDX-License-Identifier: MIT
// Which tests run on which Node, if one machine runs all of them; and which tests measure memory.
import { globSync } from 'tinyglobby';

// Tests that do not depend on V8: pure logic, the command line, file formats, damaged input, other
// people's libraries.
export const INDEPENDENT = [
  'test/{cli,exporters,html,unit}/**',
  'test/process/{handler,handler-access,live-stream,loggers,metrics,installed-package}.test.ts',
  'test/process/{pusher,replaced,services,service-suspects}.test.ts',
  'test/torture/fuzz.test.ts',
];

// Tests that measure a process's memory, and so measure what a sanitizer or V8's coverage adds to it.
export const MEASURING = [
  'test/ledger/**',
  'test/buffers/{buffer-leaks,outside-heap}.test.ts',
  'test/process/{heap-limit,load,restarts}.test.ts',
];

// Tests of code that reads V8's objects and code, which each V8 may break.
const V8 = [
  'test/oracle/**',
  'test/buffers/{domain,lifetimes,buffer-origins,paths,streams,stream-sizes}.test.ts',
  'test/process/{ages,bytes,chained-operators,compiled-code,constructors}.test.ts',
  'test/process/{dropped-allocations,hard-cases}.test.ts',
  'test/process/{hook,leaky-service,made-while-deoptimizing,merged-lines,object-origins}.test.ts',
  'test/process/{optimized-literals,self-test,startup-snapshot,survivors,terminated}.test.ts',
  'test/process/{heap-limit,labels,retainers,track,transformed,typescript,unsupported,v8-flags}.test.ts',
];

const DAY_MS = 86_400_000;

const files = (patterns) => globSync(patterns, { cwd: new URL('..', import.meta.url) });

/** The tests of code that reads V8's objects and code. */
export function readingV8() {
  return files(V8).sort();
}

/**
 * The tests that the Node numbered `index` of `count` runs: all that read V8's objects and code,
 * and a share of the others, a different one each day; without those that do not depend on V8.
 */
export function shareOf(index, count) {
  const tests = files(['test/**/*.test.ts', '!test/install/**']).sort();
  const [independent, v8] = [new Set(files(INDEPENDENT)), new Set(files(V8))];
  const shared = tests.filter((test) => !v8.has(test) && !independent.has(test));
  const day = Math.floor(Date.now() / DAY_MS);
  const isMine = (_, n) => (n + day) % count === index;
  return [...tests.filter((test) => v8.has(test)), ...shared.filter(isMine)];
}
