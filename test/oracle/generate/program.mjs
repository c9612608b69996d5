// SPDX-License-Identifier: MIT
// A program of generated constructs, over several files. The same seed gives the same program.
import { createRequire } from 'node:module';
import { builtins } from './builtins.mjs';
import { constructors } from './constructors.mjs';
import { controlFlow } from './control-flow.mjs';
import { functions } from './functions.mjs';
import { literals } from './literals.mjs';
import { primitives } from './primitives.mjs';
import { takeMarks, Writer } from './source.mjs';
import { typescript } from './typescript.mjs';
import { webassembly } from './webassembly.mjs';

const families = [
  constructors,
  literals,
  controlFlow,
  functions,
  builtins,
  primitives,
  webassembly,
];
const constructs = Object.entries(Object.assign({}, ...families));
const typed = Object.entries(typescript);

/** All kinds of constructs. */
export const KINDS = [...constructs, ...typed].map(([kind]) => kind);

/** The number of constructs in a program. */
const SIZE = 24;

/** Functions that allocate nothing, in a file of their own. */
const HELPERS = `exports.size = (o) => {
  return o.length;
};
exports.clamp = function (v, limit) { return v > limit ? limit : v; };
exports.sum = (a, b, c) => (a + b + c) & 1023;
exports.digits = (v) => {
  let n = 0;
  for (let k = v & 255; k > 0; k >>= 1) n++;
  return n;
};
exports.isOdd = (v) => (v & 1) === 1;
exports.pick = (list, i) => list[i % list.length];
exports.same = (v) => {
  return v;
};
`;

const wrappers = [
  (name, body) => `function ${name}(i, from) {\n${body}}\n`,
  (name, body) => `const ${name} = (i, from) => {\n${body}};\n`,
  (name, body) => `const ${name} = function (i, from) {\n${body}};\n`,
  (name, body) =>
    `const ${name} = ((kept) => function inner(i, from) {\n  kept++;\n${body}})(1);\n`,
];

class Program {
  constructor(seed, only) {
    this.g = new Writer(seed);
    const wanted = ([kind]) => only === undefined || kind.includes(only);
    this.constructs = constructs.filter(wanted);
    this.typed = typed.filter(wanted);
    this.units = [];
    this.rows = [];
    this.parts = [];
    this.asyncUnits = [];
  }

  add(kind, make) {
    const { g } = this;
    g.kind = kind;
    const { declarations, body, isAsync, isRows, name: ownName } = make(g);
    this.parts.push(declarations);
    if (isRows) {
      this.rows.push({ kind, name: ownName, place: g.places.length - 1 });
      return;
    }
    const name = g.name('unit');
    const whole = `  let sum = 0;\n${body}  return sum;\n`;
    if (isAsync) {
      this.parts.push(`async function ${name}(i, from) {\n${whole}}\n`);
      this.asyncUnits.push(name);
    } else {
      this.parts.push(g.pick(wrappers)(name, whole));
      this.units.push({ object: '', name });
    }
  }

  /** Functions that each call some units, which V8 may inline. */
  callers() {
    const { g } = this;
    const names = [];
    g.kind = 'call';
    for (let begin = 0; begin < this.units.length; begin += 4) {
      const calls = this.units.slice(begin, begin + 4).map(({ object, name }) => {
        const c = g.call();
        return `  sum += near(i);\n  sum += ${object}${c}${name}(i, ${c.tag}) | 0;\n`;
      });
      const name = g.name('caller');
      this.parts.push(`function ${name}(i) {\n  let sum = 0;\n${calls.join('')}  return sum;\n}\n`);
      names.push(name);
    }
    return names;
  }

  write() {
    const { g } = this;
    if (this.constructs.length > 0) {
      for (let n = 0; n < SIZE; n++) this.add(...g.pick(this.constructs));
    }
    // TypeScript's compiler takes a second to load.
    const hasTyped = this.typed.length > 0 && (this.constructs.length === 0 || g.chance(0.25));
    const ts = hasTyped ? g.pick(this.typed) : undefined;
    let typedFile;
    if (ts !== undefined) {
      g.kind = ts[0];
      const { name, text } = ts[1](g);
      typedFile = `declare const keep: any, h: any;\n${text}`;
      this.units.push({ object: 'ts.', name });
    }
    const callers = this.callers();
    const main = `'use strict';
module.exports = (keep, h, ts) => {
const from = 0;
const i = 3;
// Its elements are its own: a copy of an array literal would share those of the literal.
const list = [1, 2, 3].map((v) => v);
const box = { a: 1, width(v) { return v & 15; } };
const big = 123456789012345678901234567890n;
const near = (v) => {
  return v & 63;
};
${this.parts.join(g.pick(['\n', '']))}
return {
  turn(i) {
    let sum = 0;
${callers.map((name) => `    sum += ${name}(i);\n`).join('')}    return sum;
  },
  async tail(i) {
${this.asyncUnits.map((name) => `    await ${name}(i, 0);\n`).join('')}  },
  rows: { ${this.rows.map(({ name }) => name).join(', ')} },
};
};
`;
    return { main, typedFile, rows: this.rows };
  }
}

function compileTypeScript(text, hasMap) {
  const ts = createRequire(import.meta.url)('typescript5');
  return ts.transpileModule(text, {
    fileName: 'typed.ts',
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      experimentalDecorators: true,
      removeComments: false,
      inlineSourceMap: hasMap,
      inlineSources: hasMap,
    },
  }).outputText;
}

/**
 * @param {number} seed
 * @param {string} [only] constructs whose kind contains this
 * @returns files by name, and the places: `{ kind, isCall, tag, at: [{ file, line, column }] }`.
 */
export function generate(seed, only) {
  const program = new Program(seed, only);
  const { main, typedFile, rows } = program.write();
  const { places, random } = program.g;
  /** @type {Record<string, string>} */
  const files = {};
  /** @type {{ file: string, line: number, column: number }[][]} */
  const at = places.map(() => []);
  const put = (file, text, written = file) => {
    const { clean, found } = takeMarks(text);
    files[written] = clean;
    for (const [index, line, column] of found) at[index].push({ file, line, column });
  };
  put('main.cjs', main);
  put('helpers.cjs', HELPERS);
  if (typedFile !== undefined) {
    const hasMap = random() < 0.5;
    if (hasMap) {
      put('typed.ts', typedFile);
      files['typed.cjs'] = compileTypeScript(files['typed.ts'], true);
    } else {
      put('typed.cjs', compileTypeScript(typedFile, false));
    }
  }
  const lost = places.find(({ index }) => at[index]?.length === 0);
  if (lost !== undefined) throw new Error(`seed ${seed}: the mark of "${lost.kind}" was lost`);
  return {
    files,
    rows,
    places: places.map(({ kind, isCall, tag, index }) => ({
      kind,
      isCall,
      tag,
      at: at[index] ?? [],
    })),
  };
}
