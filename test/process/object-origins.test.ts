// SPDX-License-Identifier: MIT
// getObjectTraceback: from an object back to the line that allocated it.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

// Without the optimizing tiers every object is a block of its own.
const EXACT = { args: ['--expose-gc', '--jitless'] };

test('every kind of object, before and after collections that move it', async () => {
  const seen = await evaluate<Record<string, (string | null)[]>>(
    `
    const { start, getObjectTraceback } = tracemalloc;
    const early = { made: 'before start' };
    class Session { constructor() { this.a = 1; } }
    for (let i = 0; i < 100; i++) new Session(); // from then on instances have their size
    start({ sampleInterval: 1 });
    function literal() { return { a: 1, b: [2] }; }
    function list() { return new Array(1000); }
    function instance() { return new Session(); }
    function closure() { return () => early; }
    function map() { return new Map(); }
    function promise() { return Promise.resolve(1); }
    function date() { return new Date(); }
    const makers = [literal, list, instance, closure, map, promise, date];
    const objects = makers.map((make) => make());
    const names = () => objects.map((o) => {
      const frame = getObjectTraceback(o)?.applicationFrame;
      return frame === undefined ? null : frame.approximate ? 'approximate' : frame.functionName;
    });
    const pending = names();
    gc({ type: 'minor' });
    const moved = names();
    gc();
    const old = names();
    const other = [getObjectTraceback(early), getObjectTraceback(globalThis)].map((t) => t ?? null);
    const [inner] = [getObjectTraceback(objects[0].b)].map((t) => t.applicationFrame.functionName);
    report({ pending, moved, old, other, inner: [inner], expected: makers.map((f) => f.name) });`,
    EXACT,
  );
  const expected = ['literal', 'list', 'instance', 'closure', 'map', 'promise', 'date'];
  for (const when of ['pending', 'moved', 'old']) {
    const told = seen[when]!;
    // One that began in what another's block had left (a Map's) has a stack that nobody knows.
    expect(told.filter((name) => name === 'approximate').length, when).toBeLessThanOrEqual(1);
    expect(
      told.map((name, i) => (name === 'approximate' ? expected[i] : name)),
      when,
    ).toEqual(expected);
  }
  expect(seen['other']).toEqual([null, null]);
  expect(seen['inner']).toEqual(['literal']);
});

test('the same frames as the statistic of its line, oldest first, with source text', async () => {
  const seen = await evaluate<Record<string, unknown>>(
    `
    const { start, stop, clearTraces, takeSnapshot, getObjectTraceback, track } = tracemalloc;
    start({ sampleInterval: 1, tracebackLimit: 8 });
    function inner() { return { a: 1 }; }
    function outer() { return inner(); }
    const object = outer();
    const traceback = getObjectTraceback(object);
    const names = traceback.frames.slice(-2).map((f) => f.functionName);
    const known = takeSnapshot().traces.some((t) => t.traceback === traceback);
    const again = getObjectTraceback(object) === traceback;
    clearTraces();
    const cleared = getObjectTraceback(object) === undefined;
    const next = outer();
    const found = getObjectTraceback(next).frames.length > 0;
    stop();
    const stopped = getObjectTraceback(next) === undefined;
    start({ precision: 'function', sampleInterval: 1 });
    const third = outer();
    const atFunction = getObjectTraceback(third) === undefined;
    const codes = [undefined, null, 5, 'text', Symbol('s'), 5n].map((value) =>
      codeOf(() => getObjectTraceback(value)));
    report({ names, known, again, cleared, found, stopped, atFunction, codes });`,
    EXACT,
  );
  expect(seen).toEqual({
    names: ['outer', 'inner'],
    known: true,
    again: true,
    cleared: true,
    found: true,
    stopped: true,
    atFunction: true,
    codes: Array(6).fill('ERR_INVALID_ARGUMENT'),
  });
});

test('sampled: a known object has its traceback, an unknown one has none', async () => {
  const seen = await evaluate<{ known: number; right: number; samples: number }>(`
    const { start, status, getObjectTraceback } = tracemalloc;
    start({ sampleInterval: 16 * 1024 });
    const kept = [];
    function make(i) { return { i, j: i, k: i }; }
    for (let i = 0; i < 5000; i++) kept.push(make(i));
    const found = kept.map((object) => getObjectTraceback(object)).filter((t) => t !== undefined);
    const right = found.filter((t) => t.applicationFrame.functionName === 'make').length;
    report({ known: found.length, right, samples: status().samples });`);
  // 5000 objects of 40 B or more are 12 intervals or more.
  expect(seen.known).toBeGreaterThan(0);
  expect(seen.right).toBe(seen.known);
  expect(seen.known).toBeLessThanOrEqual(seen.samples);
});

test('buffers: where their memory was allocated', async () => {
  const seen = await evaluate<(string | null)[]>(`
    const { start, getObjectTraceback } = tracemalloc;
    start({ sampleInterval: 64 * 1024 });
    function node() { return Buffer.alloc(20e6); }
    function plain() { return new ArrayBuffer(20e6); }
    function shared() { return new SharedArrayBuffer(20e6); }
    function floats() { return new Float64Array(3e6).subarray(5); }
    const name = (object) => getObjectTraceback(object)?.applicationFrame?.functionName ?? null;
    report([node(), plain(), shared(), floats(), new DataView(plain())].map(name));`);
  expect(seen).toEqual(['node', 'plain', 'shared', 'floats', 'plain']);
});
