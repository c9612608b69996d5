// SPDX-License-Identifier: MIT
// Objects created by `new`: constructors of 0 to 20 fields with calls and literals in them, derived
// classes, old functions, Reflect.construct, private fields, accessors, static blocks.

/** Assignments of a constructor, after those of the tag. */
function fields(g, count) {
  return g
    .times(count, (n) => {
      const value = g.chance(0.2) ? g.literal(`field of a constructor`) : g.value();
      return `    this.f${n} =${g.chance(0.1) ? '\n      ' : ' '}${value};\n`;
    })
    .join('');
}

const TAGGED = '    this.t = t;\n    this.from = from;\n';

/** `sizes`: possible numbers of fields. */
function classOf(g, sizes) {
  const name = g.name('Made');
  const count = g.pick(sizes);
  const text = `class ${name} {\n  constructor(t, from, i) {\n${TAGGED}${fields(g, count)}  }\n}\n`;
  return { name, text };
}

function makeWith(g, name, extra = '') {
  const s = g.site();
  const before = g.before();
  const make = `${s}new ${name}(${s.tag}, from, ${g.atom()})`;
  const use = g.pick([
    () => `  keep(${make});\n`,
    () => `  const made = ${make};\n  keep(made);\n`,
    () => `  keep(\n    ${make},\n  );\n`,
    () => `  sum += near(i) + keep(${make}).t;\n`,
    () => `  const made =\n    ${make};\n  sum += near(i);\n  keep(made);\n`,
    () => `  return keep(${make}).t;\n`,
  ])();
  return `${before}${extra}${use}`;
}

function ofSize(sizes) {
  return (g) => {
    const { name, text } = classOf(g, sizes);
    return { declarations: text, body: makeWith(g, name) };
  };
}

export const constructors = {
  'new: 0 to 3 fields': ofSize([0, 1, 2, 3]),
  'new: 4 to 8 fields': ofSize([4, 5, 6, 7, 8]),
  'new: 9 to 20 fields': ofSize([9, 12, 16, 20]),

  'new: several classes in one statement': (g) => {
    const one = classOf(g, [1, 5, 8]);
    const two = classOf(g, [2, 6]);
    const [a, b] = [g.site(), g.site()];
    return {
      declarations: one.text + two.text,
      body: `${g.before()}  keep(${a}new ${one.name}(${a.tag}, from, i),${g.gap()}keep(${b}new ${two.name}(${b.tag}, from, ${g.helper()})) && 0);\n`,
    };
  },

  'new: derived class': (g) => {
    const base = classOf(g, [0, 3, 6, 10]);
    const name = g.name('Derived');
    const s = g.site('told at super()');
    return {
      declarations: `${base.text}class ${name} extends ${base.name} {
  constructor(i, from) {
${g.chance(0.5) ? `    const n = ${g.helper()};\n` : '    const n = 1;\n'}    ${s}super(${s.tag}, from, n);
${fields(g, g.int(8))}  }
}
`,
      body: (() => {
        const c = g.call();
        return `${g.before()}  keep(${c}new ${name}(i, ${c.tag}));\n`;
      })(),
    };
  },

  'new: derived class without a constructor': (g) => {
    const base = classOf(g, [0, 3, 6, 10]);
    const name = g.name('Plain');
    const s = g.site();
    // Older V8 runs a generated constructor, whose position is the class.
    return {
      declarations: `${base.text}${s}class ${s}${name} extends ${base.name} {}\n`,
      body: `${g.before()}  keep(${s}new ${name}(${s.tag}, from, ${g.atom()}));\n`,
    };
  },

  'new: old function': (g) => {
    const name = g.name('Old');
    return {
      declarations: `function ${name}(t, from, i) {\n${TAGGED}${fields(g, g.int(14))}}\n${name}.prototype.m = function () { return this.t; };\n`,
      body: makeWith(g, name),
    };
  },

  'Reflect.construct': (g) => {
    const { name, text } = classOf(g, [0, 2, 5, 9]);
    const s = g.site();
    return {
      declarations: text,
      body: `${g.before()}  keep(Reflect.${s}construct(${name}, [${s.tag}, from, ${g.atom()}]));\n`,
    };
  },

  'new: field initialisers': (g) => {
    const name = g.name('Fields');
    const inner = g.literal('literal in a field initialiser');
    const values = g.times(
      g.int(9),
      (n) => `  p${n} = ${g.pick(['1', 'null', '[]', '{}', "'x'", 'near(1)'])};\n`,
    );
    return {
      declarations: `class ${name} {\n${values.join('')}  inner =${g.gap()}${inner};\n  constructor(t, from) {\n${TAGGED}  }\n}\n`,
      body: makeWith(g, name),
    };
  },

  'new: private fields and accessors': (g) => {
    const name = g.name('Private');
    const s = g.site('literal in a getter');
    return {
      declarations: `class ${name} {
  #x = 1;
  #y;
  static count = 0;
  static { ${name}.first = near(2); }
  constructor(t, from, i) {
${TAGGED}    this.#y =${g.gap()}${g.value()};
${fields(g, g.int(6))}  }
  get y() { return this.#y; }
  get own() {
    this.#x++;
    return ${s}{ t: ${s.tag}, from: 0, x: this.#x };
  }
  set y(v) { this.#y = v; }
}
`,
      body: makeWith(g, name, `  keep(new ${name}(0, 0, i).own);\n`),
    };
  },

  'class: fields of the class and of instances': (g) => {
    const name = g.name('Both');
    const names = ['a', 'b', 'c', 'd', 'e'].slice(0, 2 + g.int(4));
    const members = names.map((field) => {
      const made = g.literal(g.pick(['field', 'computed field']));
      const isStatic = g.chance(0.5);
      if (isStatic && g.chance(0.3)) {
        return { isStatic, field, text: `static { this.${field} =${g.gap()}${made}; }` };
      }
      const key = g.chance(0.3) ? `[${g.helper()} === null ? '' : '${field}']` : field;
      return { isStatic, field, text: `${isStatic ? 'static ' : ''}${key} =${g.gap()}${made};` };
    });
    const separator = g.pick([' ', '\n    ']);
    return {
      declarations: '',
      body: `  class ${name} {${separator}${members.map(({ text }) => text).join(separator)}${separator}}
  const made = new ${name}();
${members.map(({ isStatic, field }) => `  keep(${isStatic ? name : 'made'}.${field});\n`).join('')}`,
    };
  },

  'new: constructor returns another object': (g) => {
    const name = g.name('Other');
    const s = g.site();
    return {
      declarations: `class ${name} {\n  constructor(from, i) {\n    this.a = ${g.helper()};\n    return ${s}{ t: ${s.tag}, from, a: this.a };\n  }\n}\n`,
      body: (() => {
        const c = g.call();
        return `  keep(${c}new ${name}(${c.tag}, i));\n`;
      })(),
    };
  },

  'new: class expression': (g) => {
    const name = g.name('Expression');
    return {
      declarations: `const ${name} = class {\n  constructor(t, from, i) {\n${TAGGED}${fields(g, g.int(10))}  }\n};\n`,
      body: makeWith(g, name),
    };
  },

  'new: subclass of a builtin': (g) => {
    const name = g.name('Builtin');
    const base = g.pick(['Array', 'Map', 'Set', 'Error', 'Object']);
    const s = g.site(`${base}, told at super()`);
    const c = g.call();
    return {
      declarations: `class ${name} extends ${base} {\n  constructor(from, i) {\n    ${s}super();\n    this.t = ${s.tag};\n    this.from = from;\n    this.n = ${g.helper()};\n  }\n}\n`,
      body: `${g.before()}  keep(${c}new ${name}(${c.tag}, i), ${s.tag}, ${c.tag});\n`,
    };
  },
};
