// SPDX-License-Identifier: MIT
// Allocations of builtins: collections with iterables, typed arrays, buffers, dates, promises,
// copies of arrays. Their objects carry no tag; it is an argument of `keep`.

/** `make`: the text before and after the place, which is where a reader sees the allocation. */
function made(make) {
  return (g) => {
    const s = g.site();
    const text = make(g, s);
    const use = g.pick([
      () => `  keep(${text}, ${s.tag}, from);\n`,
      () => `  keep(\n    ${text},\n    ${s.tag},\n    from,\n  );\n`,
      () => `  const made = ${text};\n  keep(made, ${s.tag}, from);\n`,
    ])();
    return { declarations: '', body: `${g.before()}${use}` };
  };
}

/** An object that V8 may allocate in the rest of the builtin's block: any size, any references. */
function follower(g) {
  const fields = ['i', 'made', 'from', 'b: i', 'c: made', 'd: i'];
  return g.pick([
    () => `{ ${fields.slice(g.int(3), 1 + g.int(6)).join(', ')} }`,
    () => `[${g.times(g.int(4), () => 'i').join(', ')}]`,
    () => '() => made',
    () => `new ${g.pick(['Map', 'Set', 'TextEncoder', 'WeakMap', 'Date'])}()`,
    () => 'Object.create(box)',
  ])();
}

export const builtins = {
  'builtin: what comes after one': (g) => {
    const [s, n] = [g.site(), g.site('next')];
    const builtin = g.pick([
      'new Map([[i, box]])',
      'new Set([i, box])',
      'new Map(Object.entries({ a: i, b: 2 }))',
      'Object.entries(box)',
      "Object.fromEntries([['a', i]])",
      "('a,b' + i).split(',')",
      "/a(.)/.exec('ab' + i)",
      'Promise.resolve(i)',
      'near.bind(null, i)',
      'list.concat(list)',
      'structuredClone(list)',
      'new Uint8Array(i & 15)',
      'new Proxy(box, {})',
    ]);
    const isTied = g.chance(0.4) && builtin.startsWith('new Map');
    const tie = isTied ? "  made.set('o', next);\n" : '';
    return {
      declarations: '',
      body: `${g.before()}  const made = ${s}${builtin};\n  keep(made, ${s.tag}, from);\n  const next = ${n}${follower(g)};\n${tie}  keep(next, ${n.tag}, from);\n`,
    };
  },
  'builtin: Map of an iterable': made(
    (g, s) => `${s}new Map([[i, ${g.value()}],${g.gap()}['k', i]])`,
  ),
  'builtin: Set of an iterable': made((g, s) => `${s}new Set([i,${g.gap()}${g.atom()}])`),
  'builtin: empty collections': made(
    (g, s) => `${s}new ${g.pick(['Map', 'Set', 'WeakMap', 'WeakSet'])}()`,
  ),
  'builtin: Map of a generator': made(
    (g, s) => `${s}new Map((function* () {${g.gap()}yield [i, ${g.value()}]; })())`,
  ),
  'builtin: typed array': made(
    (g, s) =>
      `${s}new ${g.pick(['Uint8Array', 'Float64Array', 'Int32Array', 'BigInt64Array'])}(${g.pick(['4', '16', 'i & 7', '100'])})`,
  ),
  'builtin: typed array of a list': made((g, s) => `Uint8Array.${s}of(i,${g.gap()}${g.helper()})`),
  'builtin: ArrayBuffer and DataView': made(
    (g, s) => `${s}new DataView(new ArrayBuffer(${8 + g.int(80)}))`,
  ),
  'builtin: Date': made((g, s) => `${s}new Date(${g.helper()})`),
  'builtin: RegExp': made((_, s) => `${s}new RegExp('a' + (i & 3))`),
  'builtin: Array': made((g, s) => `${s}new Array(${g.pick(['4', 'i & 7', '100', 'i, 2, 3'])})`),
  'builtin: Array.from': made((_, s) => `Array.${s}from(list)`),
  'builtin: slice, concat, flat': made(
    (g, s) =>
      `list.${s}${g.pick(['slice(1)', 'concat(list)', 'flat()', 'slice()', 'toReversed()'])}`,
  ),
  'builtin: keys, entries, values': made(
    (g, s) => `Object.${s}${g.pick(['keys', 'entries', 'values'])}(box)`,
  ),
  'builtin: Object.create, assign, fromEntries': made((g, s) =>
    g.pick([
      `Object.${s}create(${g.pick(['null', 'box'])})`,
      `Object.${s}fromEntries([['a', i]])`,
      `Object.${s}assign(Object.${s}create(null), box)`,
    ]),
  ),
  'builtin: split and match': made((g, s) =>
    g.pick([
      `('a,b' + i).${s}split(',')`,
      `('ab' + i).${s}match(/b/)`,
      `${s}/a(.)/.${s}exec('ab' + i)`,
    ]),
  ),
  'builtin: JSON.parse': made((_, s) => `JSON.${s}parse('{"a":' + i + '}')`),
  'builtin: structuredClone': made((_, s) => `${s}structuredClone(list)`),
  'builtin: Promise': made((g, s) =>
    g.pick([
      `${s}new Promise(() => {})`,
      `Promise.${s}resolve(i)`,
      `${s}new Promise((r) => {${g.gap()}r(${g.helper()}); })`,
    ]),
  ),
  'builtin: bind': made((_, s) => `near.${s}bind(null, i)`),
  'builtin: Proxy': made((_, s) => `${s}new Proxy(box, {})`),
  'builtin: iterators': made((g, s) =>
    g.pick([`list.${s}values()`, `list.${s}entries()`, `list[Symbol.iterator]${s}()`]),
  ),
  'builtin: WeakRef': made((_, s) => `${s}new WeakRef(box)`),
  'builtin: Error': made((g, s) => `${s}new ${g.pick(['Error', 'TypeError'])}('x' + (i & 7))`),
  'builtin: boxed primitives': made(
    (g, s) => `${s}Object(${g.pick(["'text'", '1', 'true', '5n'])})`,
  ),
  'builtin: URL and TextEncoder': made(
    (g, s) => `${s}new ${g.pick(["URL('http://a/b')", 'TextEncoder()', 'AbortController()'])}`,
  ),
};
