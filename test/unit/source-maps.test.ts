// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

// The built module: the test runner does not compile the .cts file that loads the library.
const built: string = new URL('../../build/modules/mirror/source-maps.js', import.meta.url).href;
const { clearSourceMaps, originalPosition, sourceMapCounts } = (await import(
  built
)) as typeof import('../../src/mirror/source-maps.js');

const SOURCE = `interface User { id: number }

export const cache: User[] = [];

type Unused = { a: string; b: string };

export function remember(id: number): User {
  const user: User = { id };
  cache.push(user);
  return user;
}
`;
const ALLOCATION_LINE = 8; // of { id } in SOURCE

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'source-maps-'));
  clearSourceMaps();
});
afterEach(() => rmSync(directory, { recursive: true }));

function compile(...options: string[]): string {
  writeFileSync(join(directory, 'cache.ts'), SOURCE);
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [
    tsc,
    ...['--ignoreConfig', '--target', 'es2022', '--module', 'nodenext', ...options],
    join(directory, 'cache.ts'),
  ]);
  return join(directory, 'cache.js');
}

function generatedPosition(script: string) {
  const lines = readFileSync(script, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('{ id }'));
  return { filename: script, line: line + 1, column: lines[line]!.indexOf('{ id }') + 1 };
}

for (const options of [['--sourceMap'], ['--inlineSourceMap']]) {
  test(`tsc ${options[0]}: the .ts file, line and column`, () => {
    const generated = generatedPosition(compile(...options));
    expect(generated.line).not.toBe(ALLOCATION_LINE);
    expect(originalPosition(generated)).toEqual({
      filename: join(directory, 'cache.ts'),
      line: ALLOCATION_LINE,
      column: SOURCE.split('\n')[ALLOCATION_LINE - 1]!.indexOf('{ id }') + 1,
    });
    expect(sourceMapCounts()).toEqual({ used: 1, broken: 0 });
  });
}

test.each([
  ['%5Bid%5D/cache.ts', '[id]/cache.ts'],
  ['100%/cache.ts', '100%/cache.ts'],
])('the source %s is the file %s', (source, file) => {
  const script = compile('--sourceMap');
  const map = JSON.parse(readFileSync(`${script}.map`, 'utf8'));
  writeFileSync(`${script}.map`, JSON.stringify({ ...map, sources: [source] }));
  const { filename } = originalPosition(generatedPosition(script));
  expect(filename).toBe(join(directory, file));
});

test('a missing map leaves the generated position and is counted', () => {
  const script = compile('--sourceMap');
  unlinkSync(`${script}.map`);
  const generated = generatedPosition(script);
  expect(originalPosition(generated)).toBe(generated);
  expect(sourceMapCounts()).toEqual({ used: 0, broken: 1 });
});

test.each(['', '{', '[]', '{"version":3}'])(
  'a broken map (%j) leaves the generated position and is counted',
  (content) => {
    const script = compile('--sourceMap');
    writeFileSync(`${script}.map`, content);
    const generated = generatedPosition(script);
    expect(originalPosition(generated)).toBe(generated);
    expect(sourceMapCounts()).toEqual({ used: 0, broken: 1 });
  },
);

const mapOf = (parts: object) => ({ version: 3, sources: ['a.ts'], names: [], ...parts });
const MANY = 2_000_000;
test.each([
  ['segments', () => mapOf({ mappings: `AAAA${',CAAC'.repeat(MANY)}` })],
  ['sources', () => mapOf({ sources: new Array(MANY / 10).fill('a'), mappings: 'AAAA' })],
  [
    'segments in parts',
    () => {
      const map = mapOf({ mappings: `AAAA${',CAAC'.repeat(MANY / 1000)}` });
      const sections = Array.from({ length: 1000 }, (_, column) => ({
        offset: { line: 0, column },
        map,
      }));
      return { version: 3, sections };
    },
  ],
  [
    'parts',
    () => {
      const sections = Array.from({ length: 100_000 }, (_, column) => ({
        offset: { line: 0, column },
        map: mapOf({ mappings: 'AAAA' }),
      }));
      return { version: 3, sections };
    },
  ],
])('a map of too many %s is not decoded, which would exhaust memory', (_, made) => {
  const script = join(directory, 'large.js');
  writeFileSync(script, 'f();\n//# sourceMappingURL=large.js.map\n');
  writeFileSync(`${script}.map`, JSON.stringify(made()));
  const at = { filename: script, line: 1, column: 1 };
  expect(originalPosition(at)).toBe(at);
  expect(sourceMapCounts()).toEqual({ used: 0, broken: 1 });
});

const scriptWith = (map: object) => {
  const script = join(directory, 'mapped.js');
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  const comment = `//# sourceMappingURL=data:application/json;base64,${inline}`;
  writeFileSync(script, `f(a, b, c, d);\ng();\n${comment}\n`);
  return script;
};

// The first segment begins at column 1, on line 1 of the source; the second one at column 11.
test.each([
  { second: 'line 3', mappings: 'AAAA,UAEA', column: 11, told: { line: 3, column: 1 } },
  {
    second: 'line 3',
    mappings: 'AAAA,UAEA',
    column: 6,
    told: { line: 1, column: 0, isApproximate: true },
  },
  { second: 'line 1', mappings: 'AAAA,UAAU', column: 6, told: { line: 1, column: 0 } },
  {
    second: 'on the next line',
    mappings: 'AAAA,KAAK;AACA',
    column: 9,
    told: { line: 1, column: 0, isApproximate: true },
  },
  {
    second: 'no segment but one per line',
    mappings: 'AAAA;AAEA',
    column: 6,
    told: { line: 1, column: 0 },
  },
])('$mappings at column $column, then $second: $told', ({ mappings, column, told }) => {
  const filename = scriptWith(mapOf({ mappings }));
  const original = originalPosition({ filename, line: 1, column });
  expect(original).toEqual({ filename: join(directory, 'a.ts'), ...told });
});

test.each([null, ''])('a source named %j is none', (source) => {
  const at = {
    filename: scriptWith(mapOf({ sources: [source], mappings: 'AAAA' })),
    line: 1,
    column: 1,
  };
  expect(originalPosition(at)).toBe(at);
});

test('a map with millions of lines is not decoded', () => {
  const script = join(directory, 'large.js');
  writeFileSync(script, `${'\n'.repeat(MANY)}//# sourceMappingURL=large.js.map\n`);
  writeFileSync(`${script}.map`, JSON.stringify(mapOf({ mappings: `AAAA${';'.repeat(MANY)}` })));
  const at = { filename: script, line: 1, column: 1 };
  expect(originalPosition(at)).toBe(at);
  expect(sourceMapCounts()).toEqual({ used: 0, broken: 1 });
});

test('of many large maps the most recent are kept', () => {
  const text = JSON.stringify(mapOf({ mappings: `AAAA${',CAAC'.repeat(450_000)}` }));
  const original = { filename: join(directory, 'a.ts'), line: 1, column: 1 };
  for (let i = 0; i < 12; i++) {
    const script = join(directory, `${i}.js`);
    writeFileSync(script, 'f();\n//# sourceMappingURL=all.map\n');
    writeFileSync(join(directory, 'all.map'), text);
    expect(originalPosition({ filename: script, line: 1, column: 1 })).toEqual(original);
  }
  expect(sourceMapCounts()).toEqual({ used: 8, broken: 0 });
});

test('a map nested a hundred thousand times is broken, and does not end the process', () => {
  const script = join(directory, 'nested.js');
  writeFileSync(script, 'f();\n//# sourceMappingURL=nested.js.map\n');
  const layers = 100_000;
  const inner = JSON.stringify(mapOf({ mappings: 'AAAA' }));
  const open = '{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":';
  writeFileSync(`${script}.map`, `${open.repeat(layers)}${inner}${'}]}'.repeat(layers)}`);
  const at = { filename: script, line: 1, column: 1 };
  expect(originalPosition(at)).toBe(at);
  expect(sourceMapCounts()).toEqual({ used: 0, broken: 1 });
});

test.each<object>([
  { sources: [5] },
  { sources: [['a.ts']] },
  { sources: [{}] },
  { sources: { 0: 'a.ts', length: 1 } },
  { sourceRoot: {} },
  { sourceRoot: 5 },
])('a map whose files are no texts is broken: %j', (fields) => {
  const script = join(directory, 'typed.js');
  writeFileSync(script, 'f();\n//# sourceMappingURL=typed.js.map\n');
  const map = { ...mapOf({ sources: ['a.ts'], mappings: 'AAAA' }), ...fields };
  for (const whole of [map, { version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] }]) {
    clearSourceMaps();
    writeFileSync(`${script}.map`, JSON.stringify(whole));
    const at = { filename: script, line: 1, column: 1 };
    expect(originalPosition(at)).toBe(at);
    expect(sourceMapCounts()).toEqual({ used: 0, broken: 1 });
  }
});

test('scripts without a map, internals and unknown files stay as they are', () => {
  writeFileSync(join(directory, 'plain.js'), 'const a = [];\n');
  for (const filename of [join(directory, 'plain.js'), 'node:fs', 'evalmachine.<anonymous>', '']) {
    const position = { filename, line: 1, column: 11 };
    expect(originalPosition(position)).toBe(position);
  }
  expect(sourceMapCounts()).toEqual({ used: 0, broken: 0 });
});

test('the last of several comments counts', () => {
  const script = compile('--sourceMap');
  const text = readFileSync(script, 'utf8');
  writeFileSync(script, text.replace('//# source', '//# sourceMappingURL=wrong.map\n//# source'));
  expect(originalPosition(generatedPosition(script)).filename).toBe(join(directory, 'cache.ts'));
});
