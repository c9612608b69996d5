// SPDX-License-Identifier: MIT
// The oracle's own parts: the same seed gives the same program, which runs on any JavaScript engine;
// marks give right positions, every kind of construct appears, and the judge finds a wrong line.
import { Script } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Frame, Traceback } from '../../dist/index.js';
import { generate, KINDS } from './generate/program.mjs';
import { takeMarks } from './generate/source.mjs';
import { Judge } from './judge.mjs';

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

test('the same seed gives the same program, another seed another one', () => {
  expect(generate(7)).toEqual(generate(7));
  expect(generate(8).files).not.toEqual(generate(7).files);
});

test('programs can be compiled, and contain no mark', () => {
  for (const seed of SEEDS) {
    for (const [name, text] of Object.entries(generate(seed).files)) {
      expect(text).not.toMatch(/\/\*@\d/);
      if (name.endsWith('.cjs')) new Script(`(function (exports, require, module) {${text}\n})`);
    }
  }
});

test.each(KINDS)('a program can have one kind only: %s', (kind) => {
  const { files, places } = generate(3, kind);
  expect(places.length).toBeGreaterThan(0);
  const textAt = (file: string, line: number, column: number) =>
    files[file]!.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1]!.slice(column - 1);
  for (const { at } of places) {
    for (const { file, line, column } of at) expect(textAt(file, line, column)).not.toBe('');
  }
});

test('takeMarks returns the positions of marks', () => {
  expect(takeMarks('a\r\n  /*@1*/b /*@2*/ c\n/*@1*/d')).toEqual({
    clean: 'a\r\n  b c\nd',
    found: [
      [1, 2, 3],
      [2, 2, 5],
      [1, 3, 1],
    ],
  });
});

describe('the judge', () => {
  const place = (index: number, line: number, isCall: boolean) => ({
    kind: 'k',
    isCall,
    tag: index,
    at: [{ file: 'main.cjs', line, column: 5 }],
  });
  const program = { places: [place(1, 10, false), place(2, 20, true)], files: { 'main.cjs': '' } };
  const told = (callerLine: number, line: number, details = {}) =>
    new Traceback([
      new Frame('/x/main.cjs', callerLine, { column: 5 }),
      new Frame('/x/main.cjs', line, { column: 5, ...details }),
      new Frame('node:internal', 3),
    ]);

  test.each([
    { line: 'right', caller: 'right', traceback: told(20, 10) },
    { line: 'wrong', caller: 'right', traceback: told(20, 11) },
    { line: 'column', caller: 'right', traceback: told(20, 10, { column: 6 }) },
    { line: 'approximate', caller: 'right', traceback: told(20, 1, { approximate: true }) },
    { line: 'right', caller: 'wrong', traceback: told(21, 10) },
    { line: 'wrong', caller: 'wrong', traceback: new Traceback([new Frame('/x/other.cjs', 10)]) },
  ])('line $line, caller $caller', ({ line, caller, traceback }) => {
    const judge = new Judge(program);
    judge.judge('cold', 1, 2, traceback);
    const { figures, misses } = judge.result();
    expect(figures).toMatchObject([{ judged: 1, line: { [line]: 1 }, caller: { [caller]: 1 } }]);
    expect(misses).toHaveLength(Number(line !== 'right') + Number(caller !== 'right'));
  });

  test('finds objects that carry a tag, also inside others', () => {
    const found: unknown[] = [];
    const inner = [1, 2];
    new Judge(program).collect({ t: 1, from: 2, inner, list: [7] }, 0, 0, (...of: unknown[]) =>
      found.push(of),
    );
    expect(found).toEqual([
      [{ t: 1, from: 2, inner, list: [7] }, 1, 2],
      [inner, 1, 2],
    ]);
  });
});
