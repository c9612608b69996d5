// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { Script, Scripts } from '../../src/mirror/scripts.js';

const DIGEST = [10, 2, 3, 4, 5, 6];
const rowOf = (id: number, url?: string) => [id, url === undefined ? 0 : 1, url, ...DIGEST];
const gone = () => undefined;

test('reads every field of a row', () => {
  const scripts = new Scripts(gone);
  scripts.add([...rowOf(7, 'a.js.map'), 8, 14, undefined, ...DIGEST]);
  const digest = { length: 10, lines: 2, first: 3, rest: 4, body: 5, shape: 6 };
  const flags = { hasLineOffset: false, hasColumnOffset: false, endsWithComment: false };
  expect(scripts.get(7)).toMatchObject({ id: 7, digest, hasSourceMap: true, ...flags });
  expect(scripts.get(7)?.sourceMapUrl).toBe('a.js.map');
  const others = { hasLineOffset: true, hasColumnOffset: true, endsWithComment: true };
  expect(scripts.get(8)).toMatchObject({ id: 8, hasSourceMap: false, ...others });
  expect(scripts.get(8)?.sourceMapUrl).toBeUndefined();
  expect(scripts.get(9)).toBeUndefined();
});

test('a URL that a batch lacks is requested from the addon, as long as its script lives', () => {
  const living = new Map([[7, 'a.js.map']]);
  const script = new Script([7, 1, undefined, ...DIGEST], (id) => living.get(id));
  expect(script.sourceMapUrl).toBe('a.js.map');
  living.clear();
  expect(script.sourceMapUrl).toBeUndefined();
  expect(script.hasSourceMap).toBe(true);
});

test('scripts without frames are removed', () => {
  const scripts = new Scripts(gone);
  scripts.add([...rowOf(1), ...rowOf(2)]);
  const frames = [{ filename: '/a.js', script: scripts.get(2) }];
  scripts.apply(frames, false);
  expect(scripts.get(1)).toBeDefined();
  scripts.apply(frames, true);
  expect(scripts.get(1)).toBeUndefined();
  expect(scripts.get(2)).toBeDefined();
});

test('a script is found by its name as long as no other has it', () => {
  const scripts = new Scripts(gone);
  scripts.add([...rowOf(1), ...rowOf(2)]);
  const [one, two] = [scripts.get(1), scripts.get(2)];
  expect(scripts.named('/a.js')).toBeUndefined();
  scripts.apply([{ filename: '/a.js', script: one }, { filename: '/b.js' }], false);
  expect(scripts.named('/a.js')).toBe(one);
  expect(scripts.named('/b.js')).toBeUndefined();
  scripts.apply(
    ['/a.js', '/a.js'].map((filename, i) => ({ filename, script: i ? one : two })),
    false,
  );
  expect(scripts.named('/a.js')).toBeUndefined();
});

test('the newest maps in URLs are held, up to a bound; others are requested', () => {
  const asked: number[] = [];
  const scripts = new Scripts((id) => {
    asked.push(id);
    return undefined;
  });
  const mebi = 2 ** 20;
  const url = 'x'.repeat(mebi);
  for (let id = 0; id < 200; id++) scripts.add(rowOf(id, url));
  const held = Array.from({ length: 200 }, (_, id) => scripts.get(id)!.held);
  expect(held.reduce((sum, units) => sum + units)).toBeLessThanOrEqual(64 * mebi);
  expect(held.reduce((sum, units) => sum + units)).toBeGreaterThanOrEqual(32 * mebi);
  expect(held.at(-1)).toBe(mebi);
  expect(scripts.get(0)?.sourceMapUrl).toBeUndefined();
  expect(asked).toEqual([0]);
  // A script that is added again counts once.
  for (let i = 0; i < 200; i++) scripts.add(rowOf(199, url));
  expect(scripts.get(198)?.held).toBe(mebi);
});
