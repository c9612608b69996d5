// SPDX-License-Identifier: MIT
// Try, catch and finally, labelled loops, switch, and closures in loops.

export const controlFlow = {
  'try: catch of a thrown error': (g) => {
    const [s, e] = [g.site(), g.site('error')];
    return {
      declarations: '',
      body: `${g.before()}  try {\n    sum += near(i);\n    throw ${e}new Error('x');\n  } catch (error) {\n    keep(error, ${e.tag}, from);\n    keep(${s}{ t: ${s.tag}, from, caught: ${g.value()} });\n  }\n`,
    };
  },

  'try: catch of what V8 throws': (g) => ({
    declarations: '',
    body: `${g.before()}  try {\n    ${g.pick(['null.x', 'undefined.y()', 'h.none()', 'list.x.y'])};\n  } catch {\n    keep(${g.literal()});\n    ${g.chance(0.5) ? `return keep(${g.literal()}).length;` : ''}\n  }\n`,
  }),

  'try: return from catch': (g) => {
    const name = g.name('caught');
    const c = g.call();
    return {
      declarations: `function ${name}(i, from) {\n  try {\n    null.x;\n  } catch {\n    return ${g.literal()};\n  }\n}\n`,
      body: `  keep(${c}${name}(i, ${c.tag}));\n`,
    };
  },

  'try: finally': (g) => ({
    declarations: '',
    body: `  try {\n    keep(${g.literal()});\n    if (i % 5 === 4) throw i;\n    sum += near(i);\n  } catch (thrown) {\n    keep(${g.literal()});\n  } finally {\n    keep(${g.literal()});\n    sum++;\n  }\n`,
  }),

  'try: finally after a caught error': (g) => {
    const a = g.site('array');
    const caught = g.pick(['throw i;\n  } catch {', 'null.x;\n  } catch (error) {\n    sum += 1;']);
    return {
      declarations: '',
      body: `${g.before()}  try {\n    ${caught}\n  } finally {\n    keep(\n      ${a}[${a.tag}, from]);\n    keep(${g.literal()});\n  }\n`,
    };
  },

  'try: finally that returns': (g) => {
    const name = g.name('final');
    const c = g.call();
    return {
      declarations: `function ${name}(i, from) {\n  try {\n    if (i & 1) throw h.clamp(i, 3);\n    return keep(${g.literal()});\n  } finally {\n    return ${g.literal()};\n  }\n}\n`,
      body: `  keep(${c}${name}(i, ${c.tag}));\n`,
    };
  },

  'loop: labels': (g) => ({
    declarations: '',
    body: `  outer: for (let a = 0; a < 3; a++) {\n    for (let b = 0; b < 3; b++) {\n      if (b === 1) continue outer;\n      if (a === 2) break outer;\n      keep(${g.literal()});\n      sum += near(b);\n    }\n  }\n  block: {\n    if (i & 1) break block;\n    keep(${g.literal()});\n  }\n`,
  }),

  'loop: closures': (g) => {
    const s = g.site();
    return {
      declarations: '',
      body: `  const made = [];\n  for (let k = 0; k < 2; k++) {\n    sum += near(k);\n    made.push(${g.gap()}${s}() => [${s.tag}, from, k]);\n  }\n  keep(made[0]);\n  keep(made[1]);\n`,
    };
  },

  'loop: for-of, for-in, do, while': (g) => ({
    declarations: '',
    body: `  for (const v of list) {${g.gap()}keep(${g.literal()});\n    sum += v; }\n  for (const k in box) {\n    sum += k.length;\n    keep(${g.literal()});\n  }\n  let n = 2;\n  do {\n    keep(${g.literal()});\n  } while (--n > 0);\n  while (n++ < 2) keep(\n    ${g.literal()});\n`,
  }),

  'loop: many turns in one activation': (g) => {
    const name = g.name('long');
    const c = g.call();
    const made = g.name('Step');
    const s = g.site('new');
    return {
      declarations: `class ${made} {\n  constructor(t, from, i) {\n    this.t = t;\n    this.from = from;\n    this.a = i;\n    this.b = 2;\n    this.c = h.clamp(i, 4);\n    this.d = 4;\n    this.e = 5;\n  }\n}\nfunction ${name}(count, from) {\n  let sum = 0;\n  for (let i = 0; i < count; i++) {\n    sum += ${g.helper()};\n    const made = ${s}new ${made}(${s.tag}, from, i);\n    if ((i & 63) === 0) {\n      keep(made);\n      keep(${g.literal()});\n    }\n    sum += made.a;\n  }\n  return sum;\n}\n`,
      body: `  if (i % 200 === 7) sum += ${c}${name}(6000, ${c.tag});\n`,
    };
  },

  switch: (g) => ({
    declarations: '',
    body: `${g.before()}  switch (i & 3) {\n    case 0:\n      keep(${g.literal()});\n      break;\n    case 1: keep(${g.literal()});\n    case near(2):\n      sum++;\n    default:\n      keep(${g.literal()});\n  }\n  switch ('k' + (i & 1)) {\n    case 'k0':\n      keep(${g.literal()}); break;\n    case 'k1':\n      keep(\n        ${g.literal()});\n  }\n`,
  }),

  'if: else': (g) => ({
    declarations: '',
    body: `${g.before()}  if (${g.pick(['h.isOdd(i)', 'i & 1', 'list.length > i'])}) keep(${g.literal()});\n  else if (i & 2)\n    keep(${g.literal()});\n  else {\n    keep(${g.literal()});\n  }\n`,
  }),
};
