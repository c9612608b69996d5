// SPDX-License-Identifier: MIT
// Literals in optimized code, whose positions V8 does not keep: the object shows which literal
// created it, or else the line is reported without a column.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../support/child.js';

const FIXTURE = new URL('../fixtures/optimized-literals.cjs', import.meta.url);
const LINES = readFileSync(FIXTURE, 'utf8').split('\n');

let told: Record<string, Record<string, number>>;
beforeAll(async () => {
  const { code, stdout, stderr } = await run(FIXTURE, { args: ['--expose-gc'] });
  expect(code, stderr).toBe(0);
  told = JSON.parse(stdout);
});

/** Where the literal on each marked line begins. */
function placesOf(name: string, literal: RegExp): string[] {
  return LINES.flatMap((text, i) => {
    const column = text.search(literal) + 1;
    return text.endsWith(`// ${name}`) ? [`${i + 1}:${column}`] : [];
  });
}

test.each([
  ['object', /\{/],
  ['closure', /\(\) =>/],
  ['array', /\[/],
  ['argument', /\[/],
  ['length', /\[/],
  ['method', /\[/],
  ['caught', /\{/],
  ['atLast', /\{/],
  ['constants', /\[/],
  ['regexp', /\//],
  ['regexps', /\//],
  ['derived', /super|create/],
  ['computed', /\{/],
  ['indices', /\{/],
])('%s: line and column', (name, literal) => {
  const expected = placesOf(name, literal);
  expect(Object.keys(told[name]!).sort()).toEqual(expected.sort());
});

// On Node 20 it may be of any call in the code.
test.each(['began', 'fresh'])('%s: an object that began empty is told at no literal', (name) => {
  const places = Object.keys(told[name]!).filter((place) => place !== 'approximate');
  for (const place of places) expect(placesOf(name, /new/)).toContain(place);
});

// There everything is on one line.
test('minified, with a source map: the line, or approximate', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  try {
    const outfile = join(directory, 'minified.cjs');
    const { resolve } = createRequire(FIXTURE);
    const text = LINES.join('\n').replace(/'(\S+index\.js)'/, (_, name) =>
      JSON.stringify(resolve(name)),
    );
    const sourcefile = fileURLToPath(FIXTURE);
    const options = { minify: true, sourcemap: 'inline', sourcefile } as const;
    writeFileSync(outfile, transformSync(text, options).code);
    const { code, stdout, stderr } = await run(pathToFileURL(outfile), { args: ['--expose-gc'] });
    expect(code, stderr).toBe(0);
    const minified = JSON.parse(stdout) as typeof told;
    for (const [name, places] of Object.entries(minified)) {
      const right = placesOf(name, /./).map((place) => place.split(':')[0]);
      const lines = Object.keys(places).map((place) => place.split(':')[0]);
      expect(lines, name).not.toEqual([]);
      const wrong = lines.filter((line) => line !== 'approximate' && !right.includes(line));
      expect(wrong, name).toEqual([]);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
