// SPDX-License-Identifier: MIT
// Random programs that call a probe from every kind of place in JavaScript. The same seed gives the
// same program. A unit only calls earlier units, and each call uses up fuel, so programs end.
//
// Functions with computed names are left out: V8 keeps such a name on each closure only, while the
// walker knows functions, not closures; test/oracle/names.test.ts tests what is shown instead.

import { randomFrom } from './generate/source.mjs';

const UNITS = 14;

class Generator {
  constructor(seed) {
    this.random = randomFrom(seed);
    this.units = []; // expressions `(x) => text` that call a unit
    this.asyncUnits = [];
    this.serial = 0;
  }

  int(limit) {
    return Math.floor(this.random() * limit);
  }

  pick(list) {
    return list[this.int(list.length)];
  }

  name(prefix) {
    this.serial += 1;
    return `${prefix}${this.serial}`;
  }

  /** Moves the text after it to another line or column. */
  gap() {
    return this.pick([' ', ' ', '  ', '\n    ', '\r\n  ', ' /* \u00e9\u4e2d */ ', '\n\n\t']);
  }

  /** An expression that calls the probe or a unit, directly. */
  call(x = 'x') {
    if (this.units.length === 0 || this.random() < 0.3) return `(P(), ${x})`;
    return this.pick(this.units)(x);
  }

  /** An expression that makes a call through a language feature or a builtin. */
  expression(x = 'x') {
    const gap = () => this.gap();
    const call = (argument) => this.call(argument);
    const forms = [
      () => call(x),
      () => `(${call(x)} +${gap()}${call(x)})`,
      () => `[3, 1, 2].sort((a, b) => {${gap()}${call('a')};${gap()}return a - b; })[0]`,
      () => `[1, 2].map((v) =>${gap()}${call('v')})[1]`,
      () => `[1, 2, 3].reduce(function (a, v) { return a +${gap()}${call('v')}; }, 0)`,
      () => `[1, 2].filter((v) => ${gap()}${call('v')} > 0).length`,
      () => `Array.from({ length: 2 }, (_, i) => ${call('i')})[0]`,
      () => `'abc'.replace(/b/, () =>${gap()}String(${call(x)})).length`,
      () => `Reflect.apply((v) =>${gap()}${call('v')}, undefined, [${x}])`,
      () =>
        `Reflect.construct(class { constructor(v) { this.v =${gap()}${call('v')}; } }, [${x}]).v`,
      () => `((a, b) =>${gap()}${call('b')}).bind(null, 1)(${x})`,
      () => `(function (v) { return${' '}${call('v')}; }).call({},${gap()}${x})`,
      () => `new Proxy((v) => v, { apply(t, s, a) {${gap()}return ${call('a[0]')}; } })(${x})`,
      () => `new Proxy({}, { get(t, k) {${gap()}return ${call(x)}; } }).anything`,
      () => `('k' in new Proxy({}, { has() { ${call(x)};${gap()}return true; } }) ? 1 : 0)`,
      () => `((strings, v) => strings.length + ${call('v')})\`a\${${call(x)}}b\``,
      () => `JSON.parse('{"a":[1,2]}', (k, v) => {${gap()}${call('1')}; return v; }).a.length`,
      () => `JSON.stringify({ toJSON() {${gap()}return ${call(x)}; } }).length`,
      () => `+{ valueOf() {${gap()}return ${call(x)}; } }`,
      () => `\`\${{ toString() { return '' +${gap()}${call(x)}; } }}\`.length`,
      () => `((d = ${call(x)}) => d)()`,
      () => `(({ a = ${call(x)} }) => a)({})`,
      () => `((...rest) =>${gap()}${call('rest[0]')})(...[${x}, 2])`,
      () => `[...(function* () { yield ${call(x)};${gap()}yield* [${call(x)}]; })()].length`,
      () =>
        `[...new (class extends Set { add(v) {${gap()}${call('1')}; return super.add(v); } })([1, 2])].length`,
      () => `({ get v() {${gap()}return ${call(x)}; } }).v`,
      () => `({ set v(n) {${gap()}${call('n')}; } }.v = ${x})`,
      () =>
        `(new (class { field =${gap()}${call('1')}; #hidden() { return ${call('2')}; } v() { return this.#hidden(); } })().v())`,
      () => `((o) => o?.m?.(${call(x)}) ?? 0)({ m: (v) =>${gap()}${call('v')} })`,
      () => `new Map([[1, ${x}]]).forEach((v) => {${gap()}${call('v')}; }) ?? 1`,
      () => `(${x} > 1e9 ? ${call('0')} :${gap()}${call('1')})`,
    ];
    const text = this.pick(forms)();
    return text.includes('??') ? `(${text})` : text;
  }

  /** Code from a string, which is a separate script. */
  dynamic() {
    const text = JSON.stringify(`\n${' '.repeat(this.int(9))}P();\n 1`);
    return this.pick([
      () => `eval(${text})`,
      () => `(0, eval)('(function dyn(P, x) {${' '.repeat(this.int(9))}P(); return x; })')(P, 1)`,
      () => `new Function('P', 'x', '\\n  P();\\r\\n  P(); return x;')(P, 1)`,
      () =>
        `vm.runInThisContext('(function placed(P) {\\u2028 P(); return 1; })', { filename: 'placed.js', lineOffset: ${this.int(50)}, columnOffset: ${this.int(50)} })(P)`,
      () => `vm.compileFunction('\\n P(); return 1;', ['P'], { filename: 'compiled.js' })(P)`,
      () => `eval('P(); 1 //# source' + 'URL=named-${this.int(9)}.js')`,
    ])();
  }

  statement() {
    const gap = () => this.gap();
    const e = () => this.expression();
    return this.pick([
      () => `s +=${gap()}${e()};`,
      () => `s += ${e()};`,
      () => `{ const t =${gap()}${e()}; s += t; }`,
      () => `for (let i = 0; i < ${1 + this.int(4)}; i++) {${gap()}s += ${e()}; }`,
      () => `for (const v of [1, 2]) { s +=${gap()}${this.expression('v')}; }`,
      () => `for (const k in { a: 1, b: 2 }) { s += k.length +${gap()}${e()}; }`,
      () => `{ let n = 2; while (n-- > 0) {${gap()}s += ${e()}; } }`,
      () =>
        `try {${gap()}s += ${e()}; if (s > 3) throw new Error('x'); } catch {${gap()}s += ${e()}; }`,
      () => `try { null.x; } catch (error) { s += ${e()}; } finally {${gap()}s += ${e()}; }`,
      () => `switch (s & 1) { case 0: s += ${e()};${gap()}break; default: s +=${gap()}${e()}; }`,
      () => `if (s & 1) {${gap()}s += ${e()}; } else { s -=${gap()}${e()}; }`,
      () =>
        `const ${this.name('f')} = (v) =>${gap()}v + ${this.expression('v')}; s += f${this.serial}(s);`,
      () => `{ const o = { v: ${e()},${gap()}w: [${e()},${gap()}${e()}] }; s += o.v; }`,
      () => `if (x % 50 === 49) {${gap()}s += ${this.dynamic()}; }`,
    ])();
  }

  body() {
    const lines = ['if (fuel-- <= 0) return 0;', 'let s = x | 0;'];
    for (let i = 1 + this.int(4); i > 0; i--) lines.push(`  ${this.statement()}`);
    lines.push('return s & 7;');
    return lines.join(this.pick(['\n', '\r\n', '\n', ' ']));
  }

  unit() {
    const name = this.name('u');
    const add = (text, call) => {
      this.made = call;
      return text;
    };
    const text = this.pick([
      () => add(`function ${name}(x) {${this.gap()}${this.body()} }`, (x) => `${name}(${x})`),
      () => add(`const ${name} = (x) => { ${this.body()} };`, (x) => `${name}(${x})`),
      () =>
        add(`const ${name} = { m(x) {${this.gap()}${this.body()} } };`, (x) => `${name}.m(${x})`),
      () =>
        add(
          `class ${name} { constructor(x) { this.x = x; this.v = this.work(x); }\n work(x) { ${this.body()} } }`,
          (x) => `new ${name}(${x}).v`,
        ),
      () => add(`class ${name} { static m(x) { ${this.body()} } }`, (x) => `${name}.m(${x})`),
      () =>
        add(
          `class ${name} { #x; constructor(x) { this.#x = x; } get v() { const x = this.#x; ${this.body()} } }`,
          (x) => `new ${name}(${x}).v`,
        ),
      () =>
        add(
          `class ${name}Base { m(x) { ${this.body()} } }\nclass ${name} extends ${name}Base { m(x) { return${' '}super.m(x) + ${this.call()}; } }`,
          (x) => `new ${name}().m(${x})`,
        ),
      () =>
        add(
          `function* ${name}(x) { ${this.body()} yield${' '}${this.call('1')}; }`,
          (x) => `[...${name}(${x})].length`,
        ),
      () =>
        add(
          `function ${name}(x, depth = ${2 + this.int(20)}) { if (depth > 0) return${' '}${name}(x, depth - 1);\n ${this.body()} }`,
          (x) => `${name}(${x})`,
        ),
      () =>
        add(
          `const ${name} = ((kept) => function inner(x) { kept++; ${this.body()} })(1);`,
          (x) => `${name}(${x})`,
        ),
    ])();
    this.units.push(this.made);
    return text;
  }

  asyncUnit() {
    const name = this.name('a');
    const wait = () => (this.asyncUnits.length > 0 ? this.pick(this.asyncUnits)('x') : 'null');
    const text = this.pick([
      () =>
        `async function ${name}(x) { ${this.body().replace('return s & 7;', '')} await ${wait()};${this.gap()}s += ${this.expression()}; return s & 7; }`,
      () =>
        `const ${name} = async (x) => { await null;${this.gap()}return ${this.expression()}; };`,
      () =>
        `async function ${name}(x) { for await (const v of (async function* () { yield ${this.call()}; await 0;${this.gap()}yield ${this.call()}; })()) { x += v; } return x & 7; }`,
      () =>
        `function ${name}(x) { return Promise.resolve(x).then((v) =>${this.gap()}${this.expression('v')}); }`,
    ])();
    this.asyncUnits.push((x) => `${name}(${x})`);
    return text;
  }

  program(isModule) {
    const parts = [];
    for (let i = 0; i < UNITS; i++) parts.push(this.unit());
    for (let i = 0; i < 3; i++) parts.push(this.asyncUnit());
    const last = this.units.slice(-5).map((call) => `  total += ${call('x')};`);
    const text = `
function build(P, vm) {
let fuel = 0;
${parts.join(this.pick(['\n', '\n\n']))}
function turn(x) {
  fuel = 60;
  let total = 0;
${last.join('\n')}
  return total;
}
// One activation that gets hot inside its loop: on-stack replacement.
function loop(n) {
  let total = 0;
  for (let x = 0; x < n; x++) { fuel = 8; total += ${this.call()}; P(); }
  return total;
}
async function tail(x) {
  fuel = 40;
  return ${this.asyncUnits.map((call) => `(await ${call('x')})`).join(' + ')};
}
return { turn, loop, tail };
}
`;
    return isModule ? `export { build };${text}` : `module.exports = { build };${text}`;
  }
}

export function generateProgram(seed, isModule) {
  return new Generator(seed).program(isModule);
}
