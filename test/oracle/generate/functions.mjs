// SPDX-License-Identifier: MIT
// Code that runs without a call by name: generators, async functions and iterators, getters,
// Symbol.iterator, Proxy traps, callbacks of builtins, JSON revivers, conversions.

/** A construct whose literal is in a callback of `around`, which has `$` at its position. */
function within(around) {
  return (g) => ({ declarations: '', body: `${g.before()}  ${around(g, () => g.literal())}\n` });
}

export const functions = {
  'callback: map': within((g, made) => `list.map((v) =>${g.gap()}keep(${made()}));`),
  'callback: map that returns a literal': (g) => {
    const s = g.site();
    const r = g.site('array of the results');
    return {
      declarations: '',
      body: `  const rows = list\n    .filter((v) => v > 0)\n    .${r}map((v) => (${s}{\n      t: ${s.tag},\n      from,\n      v,\n    }));\n  keep(rows, ${r.tag}, from);\n  for (const row of rows) keep(row);\n`,
    };
  },
  'callback: forEach': within(
    (_, made) => `list.forEach((v, k) => {\n    sum += near(k);\n    keep(${made()});\n  });`,
  ),
  'callback: several in a row': within(
    (_, made) =>
      `list.some((v) =>\n    (keep(${made()}), false));\n  list.forEach((v) =>\n    keep(${made()}));\n  list.reduceRight((a, v) =>\n    (keep(${made()}), a), 0);`,
  ),
  'callback: reduce': within(
    (g, made) =>
      `sum += list.reduce(function (a, v) {${g.gap()}keep(${made()});\n    return a + v; }, 0);`,
  ),
  'callback: sort': within(
    (_, made) => `[3, 1, 2].sort((a, b) => {\n    keep(${made()});\n    return a - b;\n  });`,
  ),
  'callback: Array.from': within(
    (_, made) => `Array.from({ length: 2 }, (_, k) =>\n    keep(${made()}));`,
  ),
  'callback: replace': within(
    (_, made) => `sum += 'abc'.replace(/b/, () =>\n    String(keep(${made()}).length)).length;`,
  ),
  'callback: Reflect.apply, call, bind': within(
    (_, made) =>
      `Reflect.apply((v) => keep(${made()}), undefined, [1]);\n  (function (v) {\n    keep(${made()});\n  }).call(box, 1);\n  ((a, v) => keep(\n    ${made()})).bind(null, 1)(2);`,
  ),
  'callback: JSON.parse reviver': within(
    (_, made) => `JSON.parse('{"a":[1]}', (k, v) => {\n    keep(${made()});\n    return v;\n  });`,
  ),
  'callback: toJSON': within(
    (_, made) =>
      `JSON.stringify({\n    toJSON() {\n      return keep(${made()}).length;\n    },\n  });`,
  ),
  'callback: Map.forEach': within(
    (_, made) => `new Map([[1, 2]]).forEach((v, k) => {\n    keep(${made()});\n  });`,
  ),
  'callback: valueOf and toString': within(
    (g, made) =>
      `sum += +{ valueOf() {${g.gap()}keep(${made()});\n    return 1; } };\n  sum += \`\${{ toString() { keep(${made()}); return 'x'; } }}\`.length;`,
  ),
  getter: within(
    (g, made) => `sum += ({ get v() {${g.gap()}return keep(${made()}).length | 0; } }).v;`,
  ),
  setter: within((g, made) => `({ set v(n) {${g.gap()}keep(${made()}); } }).v = i;`),
  'Symbol.iterator': within(
    (g, made) =>
      `for (const v of { [Symbol.iterator]() {\n    let n = 0;\n    return { next: () => ({ done: n > 1,${g.gap()}value: keep(${made()}) && n++ }) };\n  } }) sum += v;`,
  ),
  'Proxy: traps': within(
    (g, made) =>
      `sum += new Proxy({}, { get(t, k) {\n    return keep(${made()}).length | 0; } }).anything;\n  sum += 'k' in new Proxy({}, { has() {${g.gap()}keep(${made()}); return true; } }) ? 1 : 0;\n  new Proxy(near, { apply(t, s, a) { return keep(${made()}); } })(i);\n  new Proxy(class {}, { construct() {\n    return keep(${made()}); } });`,
  ),
  generator: (g) => {
    const name = g.name('steps');
    const s = g.site('yielded');
    return {
      declarations: `function* ${name}(i, from) {\n  keep(${g.literal()});\n  yield ${s}{ t: ${s.tag}, from: 0, i };\n  yield* [${g.literal()}];\n}\n`,
      body: `  for (const v of ${name}(i, 0)) keep(v);\n`,
    };
  },
  'async function': (g) => {
    const name = g.name('load');
    return {
      isAsync: true,
      declarations: `async function ${name}(i, from) {\n  let sum = 0;\n  keep(${g.literal()});\n  await null;\n${g.before()}  keep(${g.literal()});\n  const v = await keep(${g.literal()});\n  for (let k = 0; k < 2; k++) keep(\n    ${g.literal()},\n    await 0);\n  try {\n    await Promise.reject(i);\n  } catch {\n    keep(${g.literal()});\n  }\n  return sum;\n}\n`,
      body: `  await ${name}(i, 0);\n`,
    };
  },
  'async iterator': (g) => {
    const name = g.name('pages');
    return {
      isAsync: true,
      declarations: `async function* ${name}(i, from) {\n  yield ${g.literal()};\n  await 0;\n  keep(${g.literal()});\n  yield ${g.literal()};\n}\n`,
      body: `  for await (const v of ${name}(i, 0)) {\n    keep(v);\n    keep(${g.literal()});\n  }\n`,
    };
  },
  'promise: then': (g) => ({
    isAsync: true,
    declarations: '',
    body: `  await Promise.resolve(i).then((v) =>\n    keep(${g.literal()}));\n  await new Promise((resolve) => {\n    keep(${g.literal()});\n    resolve(1);\n  });\n`,
  }),
  recursion: (g) => {
    const name = g.name('deep');
    const [c, d] = [g.call(), g.call()];
    return {
      declarations: `function ${name}(depth, i, from) {\n  let sum = 0;\n  if (depth > 0) return ${d}${name}(depth - 1, i, ${d.tag});\n${g.before()}  return keep(${g.literal()});\n}\n`,
      body: `  ${c}${name}(${g.int(5)}, i, ${c.tag});\n`,
    };
  },
  arguments: (g) => {
    const name = g.name('given');
    const s = g.site();
    const strict = g.chance(0.5);
    return {
      declarations: `function ${s}${name}${s}(a, b) {${strict ? " 'use strict';" : ''}\n  return ${s}arguments;\n}\n`,
      body: `  keep(${name}(i, 1), ${s.tag});\n`,
    };
  },
};
