// SPDX-License-Identifier: MIT
// Literals over several lines and in branches, in defaults and spreads, in templates and optional
// chains; helpers called before them, in the same statement and in the one before.

// If a literal begins with a spread, V8 clones the spread object: the allocation is there.
export const literals = {
  'literal: arguments on lines of their own': (g) => {
    const [a, b, c, d] = [g.literal(), g.literal(), g.site('closure'), g.site('wrap')];
    const name = g.name('wrap');
    const call = g.call();
    return {
      declarations: `function ${name}(a, b, c, from) {\n  return ${d}{ t: ${d.tag}, from, a, b, taggedC: c };\n}\n`,
      body: `${g.before()}  keep(\n    ${call}${name}(\n      ${a},\n      ${b},\n      ${c}() => [${c.tag}, from],\n      ${call.tag},\n    ),\n  );\n`,
    };
  },

  'literal: branches of a conditional': (g) => {
    const test = g.pick(['i & 1', 'h.isOdd(i)', 'near(i) & 1', 'i % 3 === 0']);
    const form = g.pick([
      (a, b) => `${test}\n      ? ${a}\n      : ${b}`,
      (a, b) => `${test} ? ${a} : ${b}`,
      (a, b) =>
        `(${test}) === 1\n      ? ${a}\n      : ${test}\n        ? ${g.literal()}\n        : ${b}`,
    ]);
    return { declarations: '', body: `${g.before()}  keep(${form(g.literal(), g.literal())});\n` };
  },

  // Code that merges allocations makes them in one block.
  'literal: equal ones in a row': (g) => {
    const same = [1, 2, 3].map(() => g.site('object'));
    return {
      declarations: '',
      body: same.map((s) => `  keep(\n    ${s}{ t: ${s.tag}, from, right: i });\n`).join(''),
    };
  },

  'literal: equal closures in a row': (g) => {
    const same = ['closure', 'closure', 'closure'].map((kind) => g.site(kind));
    return {
      declarations: '',
      body: same.map((c) => `  keep(\n    ${c}() => [${c.tag}, from]);\n`).join(''),
    };
  },

  'literal: returned from a branch': (g) => {
    const name = g.name('branch');
    const c = g.call();
    return {
      declarations: `const ${name} = (i, from) => (i & 1\n  ? ${g.literal()}\n  : ${g.literal()});\n`,
      body: `  keep(${c}${name}(i, ${c.tag}));\n`,
    };
  },

  'literal: logical operators': (g) => ({
    declarations: '',
    body: `${g.before()}  keep((i & 1 && ${g.literal()}) ||\n    ${g.literal()});\n  let later = null;\n  later ??= ${g.literal()};\n  keep(later);\n`,
  }),

  'literal: nested': (g) => {
    const [s, a] = [g.site(), g.site('array')];
    return {
      declarations: '',
      body: `${g.before()}  keep(${s}{\n    t: ${s.tag},\n    from,\n    one: ${g.literal()},\n    deep: {\n      two: ${g.literal()},\n      list: ${a}[\n        ${a.tag},\n        from,\n        ${g.literal()},\n        ${g.literal()},\n      ],\n    },\n  });\n`,
    };
  },

  'literal: constant': (g) => {
    const [s, a] = [g.site(), g.site('array')];
    return {
      declarations: '',
      body: `${g.before()}  keep(${s}{ t: ${s.tag}, from: 0, a: 1, b: 'x' });\n  keep(\n    ${a}[${a.tag}, 0, 3, 4]);\n`,
    };
  },

  'literal: constant, with indices': (g) => {
    const [s, inner, listed] = [g.site(), g.site(), g.site()];
    const key = () => g.pick(['200', "'7'", '0', '4294967294']);
    return {
      declarations: '',
      body: `${g.before()}  keep(
    ${s}{
      ${key()}: 'x', t: ${s.tag}, from: 0,
      deep:
        ${inner}{ t: ${inner.tag}, from: 0 },
      list: [
        ${listed}{ ${key()}: 1, t: ${listed.tag}, from: 0, z: 2 },
      ],
    });
`,
    };
  },

  // Code that merges allocations makes them in one block.
  'literal: computed names in a row': (g) => {
    const all = [g.site(), g.site(), g.site()];
    const name = g.name('key');
    const forms = [
      (s) => `{ t: ${s.tag}, from, [${name}]: i }`,
      (s) => `{ [${name}]: i, t: ${s.tag}, from }`,
      (s) => `{ t: ${s.tag}, [${name}]: i, from }`,
    ];
    return {
      declarations: `const ${name} = 'computed';
`,
      body: all
        .map(
          (s) => `  keep(
    ${s}${g.pick(forms)(s)});
`,
        )
        .join(''),
    };
  },

  'literal: helper in the same statement': (g) => {
    const s = g.site();
    return {
      declarations: '',
      body: `  keep(${s}{ t: ${s.tag}, from, a: ${g.helper()}, b: ${g.helper()} });\n  sum += ${g.helper()} + keep(${g.literal()}, ${g.helper()}).length;\n`,
    };
  },

  'literal: helper in the statement before': (g) => ({
    declarations: '',
    body: `  const n = ${g.helper()};\n  const m = h.clamp(n, ${g.int(9)});\n  const made = ${g.literal()};\n  keep(made);\n  sum += n + m;\n`,
  }),

  'literal: default of a parameter': (g) => {
    const name = g.name('byDefault');
    const c = g.call();
    return {
      declarations: `function ${name}(i, from,${g.gap()}a = ${g.literal()},\n  { b = ${g.literal()} } = {}) {\n  keep(a);\n  keep(b);\n}\n`,
      body: `  ${c}${name}(i, ${c.tag});\n`,
    };
  },

  'literal: default in destructuring': (g) => ({
    declarations: '',
    body: `${g.before()}  const { a = ${g.literal()}, b: { c =\n    ${g.literal()} } = box } = list;\n  const [,, x = ${g.literal()}] = [1];\n  keep(a);\n  keep(c);\n  keep(x);\n`,
  }),

  'literal: rest': (g) => {
    const [r, o, a] = [g.site('parameters'), g.site('object pattern'), g.site('array pattern')];
    const name = g.name('rest');
    return {
      declarations: `function ${r}${name}${r}(${r}...${r}all) {\n  return all;\n}\n`,
      body: `  keep(${name}(${r.tag}, from, i), ${r.tag});\n  const { ${o}...${o}others } = { t: ${o.tag}, from, i };\n  keep(others);\n  const [${a}...${a}items] = [${a.tag}, from, i];\n  keep(items);\n`,
    };
  },

  'literal: spread': (g) => {
    const [s, a] = [g.site('object'), g.site('array')];
    return {
      declarations: '',
      body: `${g.before()}  keep(${s}{${g.gap()}${s}...${s}box,${g.gap()}t: ${s.tag}, from });\n  keep(${a}[${a.tag}, from,${g.gap()}${a}...list,${g.gap()}${a}...list]);\n`,
    };
  },

  'literal: computed names, methods, accessors': (g) => {
    const s = g.site();
    return {
      declarations: '',
      body: `${g.before()}  keep(${s}{\n    t: ${s.tag},\n    from,\n    ['k' + (i & 3)]: i,\n    m() {\n      return i;\n    },\n    get g() {\n      return 1;\n    },\n    [${g.helper()}]: ${g.atom()},\n  });\n`,
    };
  },

  'literal: template string around': (g) => ({
    declarations: '',
    body: `  sum += \`a\${keep(${g.literal()}).length}\n b\${i} \${\n    keep(${g.literal()}).length}\`.length;\n`,
  }),

  'literal: tagged template': (g) => {
    const name = g.name('tag');
    const s = g.site();
    const c = g.call();
    return {
      declarations: `function ${name}(strings, from, v) {\n  return ${s}{ t: ${s.tag}, from, strings, v };\n}\n`,
      body: `  keep(${c}${name}${c}\`a\${${c.tag}}b\${${g.helper()}}\`);\n`,
    };
  },

  'literal: optional chain': (g) => {
    const s = g.site('method');
    const name = g.name('maybe');
    const c = g.call();
    return {
      declarations: `const ${name} = {\n  make(from, other) {\n    return ${s}{ t: ${s.tag}, from, other };\n  },\n};\n`,
      body: `  keep(${name}?.${c}make?.${c}(${c.tag},\n    ${g.literal()}) ?? ${g.literal()});\n  keep(${name}.none?.(i) ??\n    ${g.literal()});\n`,
    };
  },

  'literal: regular expression': (g) => {
    const s = g.site();
    return {
      declarations: '',
      body: `${g.before()}  keep(\n    ${s}/a+b/g,\n    ${s.tag},\n    from,\n  );\n`,
    };
  },

  'literal: closures': (g) => {
    const [a, f, m] = [g.site('arrow'), g.site('function'), g.site('async arrow')];
    const n = g.site('declared function');
    return {
      declarations: '',
      body: `${g.before()}  keep(\n    ${a}() => [${a.tag}, from],\n  );\n  keep(h.same(i),\n    ${f}function ${f}() { return [${f.tag}, from]; });\n  const later =\n    ${m}async ${m}() => i;\n  keep(later, ${m.tag}, from);\n${n}  ${n}function ${n}declared${n}() { return i; }\n  keep(declared, ${n.tag}, from);\n`.replace(
        'keep(h.same(i),\n',
        'keep(h.same(i) &&\n',
      ),
    };
  },

  'literal: class expression': (g) => {
    const s = g.site();
    return {
      declarations: '',
      body: `  if (i % 16 === 0)\n    keep(\n      ${s}class ${s}{ ${s}m() { return i; } },\n      ${s.tag},\n      from,\n    );\n`,
    };
  },
};
