// SPDX-License-Identifier: MIT
// TypeScript services: compiled ones show their source through the map, without
// --enable-source-maps; type-stripped ones have only V8's positions.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StartOptions } from '../../src/index.js';
import { evaluate, REGISTER_MODULE, run } from '../support/child.js';

const SOURCE = `// The interface is gone in the compiled file, and all lines below have moved.
interface User {
  id: number;
  tags: number[];
}

const cache: User[] = [];

export function remember(id: number): User {
  const user: User = { id, tags: new Array<number>(1000).fill(id) };
  cache.push(user);
  return user;
}
`;
const LINE = SOURCE.split('\n').findIndex((text) => text.includes('new Array')) + 1;
const TYPED_NODE = Number(process.versions.node.split('.')[0]) >= 24;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-ts-'));
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  writeFileSync(join(directory, 'users.ts'), SOURCE);
});
afterEach(() => rmSync(directory, { recursive: true }));

function compile(...options: string[]): void {
  execFileSync(process.execPath, [
    join(import.meta.dirname, '../../node_modules/typescript/bin/tsc'),
    ...['--ignoreConfig', '--target', 'es2022', '--module', 'nodenext', ...options],
    join(directory, 'users.ts'),
  ]);
}

function largest(module: string, options: StartOptions = {}): Promise<Record<string, unknown>> {
  return evaluate(
    async ({ tracemalloc, given: { url, options } }) => {
      tracemalloc.start({ sampleInterval: 4096, ...options });
      const { remember } = await import(url);
      for (let i = 0; i < 2000; i++) remember(i);
      const [first] = tracemalloc.takeSnapshot().statistics('lineno');
      const { filename, lineno, functionName } = first!.traceback.at(-1)!;
      return { filename, lineno, functionName, maps: tracemalloc.status().sourceMaps };
    },
    { given: { url: pathToFileURL(join(directory, module)).href, options }, isQuiet: true },
  );
}

test.each(['--sourceMap', '--inlineSourceMap'])('tsc %s: the .ts file and line', async (option) => {
  compile(option);
  expect(await largest('users.js')).toEqual({
    filename: join(directory, 'users.ts'),
    lineno: LINE,
    functionName: 'remember',
    maps: { used: 1, broken: 0 },
  });
});

test('sourceMaps: false and a missing map give the generated position', async () => {
  compile('--sourceMap');
  const generated = { filename: join(directory, 'users.js'), functionName: 'remember' };
  expect(await largest('users.js', { sourceMaps: false })).toMatchObject({
    ...generated,
    maps: { used: 0, broken: 0 },
  });
  unlinkSync(join(directory, 'users.js.map'));
  expect(await largest('users.js')).toMatchObject({ ...generated, maps: { used: 0, broken: 1 } });
});

test('register: reports name the .ts line, with TRACEMALLOC_SOURCE_MAPS=0 the .js line', async () => {
  compile('--sourceMap');
  writeFileSync(
    join(directory, 'main.js'),
    `import { remember } from './users.js';
    for (let i = 0; i < 4000; i++) remember(i);`,
  );
  const report = async (env: Record<string, string>) => {
    const { stderr } = await run(pathToFileURL(join(directory, 'main.js')), {
      args: ['--import', REGISTER_MODULE],
      env: {
        TRACEMALLOC: '1',
        TRACEMALLOC_REPORT_EVERY: '0',
        TRACEMALLOC_REPORT_AT_EXIT: '1',
        ...env,
      },
    });
    return JSON.parse(stderr.split('\n')[0] as string).sites[0].site;
  };
  expect(await report({})).toBe(`${join(directory, 'users.ts')}:${LINE}`);
  expect(await report({ TRACEMALLOC_SOURCE_MAPS: '0' })).toContain('users.js:');
});

test.runIf(TYPED_NODE)('type-stripped: the .ts file runs as it is', async () => {
  expect(await largest('users.ts')).toMatchObject({
    filename: join(directory, 'users.ts'),
    lineno: LINE,
  });
});
