// SPDX-License-Identifier: MIT
// A small application that depends on the tarball, traces itself and prints its findings.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { command } from './command.js';

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) {
    command('chmod', ['-R', 'u+w', directory]);
    rmSync(directory, { recursive: true, force: true });
  }
});

export interface Finding {
  readonly precision: string;
  /** The largest site. */
  readonly top: string;
  /** Bytes; the application kept about 8 MB. */
  readonly size: number;
  readonly nodeVersion: string;
  /** Characters of the HTML report, whose parts are files of the package. */
  readonly page: number;
}

// In a function: at the top level of a bundle, whose bytecodes are wide, some lines are approximate.
const TRACED = `
const kept = [];
function keep() {
  for (let i = 0; i < 1000; i++) {
    kept.push(new Array(1000).fill(i)); // line 5
  }
}
tracemalloc.start({ sampleInterval: 4096 });
keep();
const snapshot = tracemalloc.takeSnapshot();
const [first] = snapshot.statistics('lineno');
const { precision } = tracemalloc.status();
// Loaded with the first call, by a path that bundlers must see.
tracemalloc.createHandler();
tracemalloc.reportNearHeapLimit()();
tracemalloc.createReporter({ logger: () => {} }).stop();
console.log(JSON.stringify({
  precision,
  page: toHtml(snapshot).length,
  top: String(first.traceback),
  size: first.size,
  nodeVersion: process.version,
  kept: kept.length,
}));
tracemalloc.stop();
`;

/**
 * Creates a directory with esm.mjs, cjs.cjs and a package.json that depends on tracemalloc by
 * `dependency`, such as `file:` and a tarball's path. Below `parent`, where it can find a tool.
 */
export function makeApplication(dependency: string, parent: string = tmpdir()): string {
  const directory = mkdtempSync(join(parent, 'tracemalloc-app-'));
  made.push(directory);
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({
      name: 'app',
      private: true,
      dependencies: { tracemalloc: dependency },
    }),
  );
  writeFileSync(
    join(directory, 'esm.mjs'),
    `import * as tracemalloc from 'tracemalloc'; import { toHtml } from 'tracemalloc/exporters';${TRACED}`,
  );
  writeFileSync(
    join(directory, 'cjs.cjs'),
    `const tracemalloc = require('tracemalloc'), { toHtml } = require('tracemalloc/exporters');${TRACED}`,
  );
  return directory;
}

export function findingOf(stdout: string): Finding {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
