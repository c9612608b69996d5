// SPDX-License-Identifier: MIT
// Matching literals of a source with bytecodes, by what V8's bytecodes show.
import { expect, test } from 'vitest';
import type { BytecodeRow } from '../../src/literals/align.js';
import { placeLiterals } from '../../src/literals/place.js';

/** Places as `line`, several (the objects of a literal have one each) as `~line`, unknown as `?`. */
function linesOf(source: string, rows: readonly BytecodeRow[]): string[] {
  return placeLiterals(source, 0, source.length, rows).map((answer) => {
    if (answer === undefined) return '?';
    const [isExact, , position] = answer as [boolean, string, number];
    return `${isExact ? '' : '~'}${source.slice(0, position).split('\n').length}`;
  });
}
const object = (...names: string[]): BytecodeRow => ['o', 0, names];
const array = (length: number): BytecodeRow => ['a', 0, length];

test('literals of one shape are distinguished by their order', () => {
  const source = 'f(\n{ a: x },\n[x, y],\n{ a: x },\n[x, y],\n);';
  expect(linesOf(source, [object('a'), array(2), object('a'), array(2)])).toEqual([
    '2',
    '3',
    '4',
    '5',
  ]);
});

test('fields of a class: V8 gives the whole class, or only its braces (Node 22)', () => {
  const source = 'class A {\n  a = { v: this };\n  b = [this];\n}';
  for (const begin of [0, source.indexOf('{')]) expectFields(source, begin, 'a =', 'b =');
});

test('fields of instances and of the class itself are initialized apart', () => {
  const source = `f(class {
  a = { v: this };
  static a = { v: this };
  static { f({ v: 1 }); }
  ['b' + 1] = [this];
  static b = [this];
});`;
  const begin = source.indexOf('class');
  const end = source.lastIndexOf('}') + 1;
  expectFields(source, begin, 'a = {', "['b'", end);
  expectFields(source, begin, 'static a', 'static b', end, 'static {');
  // Node 20 has the text of the last one only, later ones that from the first to the last.
  const last = source.lastIndexOf('[this]') + '[this]'.length;
  for (const from of [source.indexOf('static b'), source.indexOf('static a')]) {
    expectFields(source, from, 'static a', 'static b', last, 'static {');
  }
});

/** The object of the first field, that of the block, and the array of the last field are placed. */
function expectFields(
  source: string,
  begin: number,
  first: string,
  last: string,
  end = source.length,
  block?: string,
) {
  const fields = [first, ...(block === undefined ? [] : [block]), last].map((text) =>
    source.indexOf(text),
  );
  const rows = fields.map(
    (told, i): BytecodeRow => (i === fields.length - 1 ? ['a', told, 1] : ['o', told, ['v']]),
  );
  const at = fields.map((told, i) =>
    source.indexOf(i === fields.length - 1 ? '[this' : '{ v', told),
  );
  const places = placeLiterals(source, begin, end, rows);
  expect(places.map((place) => place?.[2])).toEqual(at);
  expect(places.map((place) => place?.[0])).toEqual(at.map(() => true));
}

test('bytecodes that do not fit the source have no places', () => {
  const source = 'f(\n{ a: x },\n[x, y],\n);';
  for (const rows of [
    [object('b'), array(2)],
    [object('a'), array(3)],
    [array(2), object('a')],
    [object('a')],
    [object('a'), array(2), array(2)],
  ]) {
    expect(placeLiterals(source, 0, source.length, rows)).toEqual([]);
  }
});

test('if code may be left out, only bytecodes that fit in one way have places', () => {
  const source = 'f({ a: x });\nif (false) {\nf({ a: x });\n}\nf(\n[x]);\nf({ b: x })';
  expect(linesOf(source, [object('a'), array(1), object('b')])).toEqual(['1', '6', '7']);
  const same = 'if (false) {\nf({ a: x });\n}\nf(\n[x],\n{ a: x });\nreturn 1;\nf([x]);';
  expect(linesOf(same, [array(1), object('a')])).toEqual(['5', '6']);
  const vague = 'if (1 + 1) {\nf([x]);\n} else {\nf([x]);\n}';
  expect(linesOf(vague, [array(1)])).toEqual(['?']);
});

test('constant literals belong to the literal around them', () => {
  const source = 'f(\n{ a: 1, b: { c: [2] } },\n{ d: [],\ne: {} },\n[x, [1, -1], {\n}]);';
  expect(linesOf(source, [object('a', 'b'), object('d', 'e'), array(3)])).toEqual([
    '~2',
    '~3',
    '~5',
  ]);
});

test('in a loop with captured variables, the bytecodes of the update come first', () => {
  const rows = [object('a'), array(1)];
  const body = (declaration: string) =>
    `for (${declaration} i = 0; i < 2; f(\n{ a: i })) {\ng(\n[i],\n() => i); }`;
  const closure = (source: string): BytecodeRow => {
    const start = source.indexOf('() =>');
    return ['f', 0, [start, start + '() => i'.length]];
  };
  const copied = body('let');
  expect(linesOf(copied, [...rows, closure(copied)])).toEqual(['2', '4', '5']);
  const shared = body('var');
  expect(linesOf(shared, [array(1), closure(shared), object('a')])).toEqual(['4', '5', '2']);
});

test('`+=` is at its operator, even if V8 reports only the position of a part', () => {
  const source = `text\n+=\nword + 1;\nother +=\nf(\n\`a$\{x}\`);`;
  const row = (part: string): BytecodeRow => ['+', source.indexOf(part), undefined];
  expect(linesOf(source, [row('+ 1')])).toEqual(['2']);
  // A part of the template, or the operand before it.
  expect(linesOf(source, [row('x}')])).toEqual(['~6']);
  expect(linesOf(source, [row('f(')])).toEqual(['4']);
});

test('a source that cannot be parsed has no places', () => {
  expect(placeLiterals('f({ a: x', 0, 8, [object('a')])).toEqual([]);
});
