// SPDX-License-Identifier: MIT
// Tools to write the programs of all families of constructs: random choices, and marks. A mark,
// `/*@7*/`, stands before an expression that allocates or calls; its position in the finished text,
// from which it is removed, is the truth. No position from V8 is used.

/** mulberry32. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FRACTION = 'i * 0.5';

/** Tags begin here, so that no other number in an object is taken for a tag. */
const TAGS_BEGIN = 70_000_000;

/** A place in a program: `${place}` is its mark, `place.tag` the number that its objects carry. */
class Place {
  constructor(index, kind, isCall) {
    this.index = index;
    this.kind = kind;
    this.isCall = isCall;
    this.tag = TAGS_BEGIN + index;
  }

  toString() {
    return `/*@${this.index}*/`;
  }
}

export class Writer {
  constructor(seed) {
    this.random = randomFrom(seed);
    this.places = [];
    this.serial = 0;
    /** The kind of the construct that is being written. */
    this.kind = '';
  }

  int(limit) {
    return Math.floor(this.random() * limit);
  }

  pick(list) {
    return list[this.int(list.length)];
  }

  chance(share) {
    return this.random() < share;
  }

  times(count, make) {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  name(prefix) {
    this.serial += 1;
    return `${prefix}${this.serial}`;
  }

  /** A place that allocates; `part` names it if the construct has several. */
  site(part = '') {
    return this.#place(part === '' ? this.kind : `${this.kind}, ${part}`, false);
  }

  /** A place that calls; its tag is the `from` of the called function. */
  call() {
    return this.#place(this.kind, true);
  }

  #place(kind, isCall) {
    const place = new Place(this.places.length, kind, isCall);
    this.places.push(place);
    return place;
  }

  /** Moves the text after it to another line or column; not for use after `return`, `throw` etc. */
  gap() {
    return this.pick([' ', ' ', '  ', '\n    ', '\r\n  ', ' /* \u00e9\u4e2d */ ', '\n\n\t']);
  }

  /** A call that allocates nothing, in this file or another. */
  helper() {
    return this.pick([
      () => 'h.size(list)',
      () => 'h.clamp(i, 9)',
      () => 'h.sum(i, from, 3)',
      () => 'h.digits(i)',
      () => 'near(i)',
      () => 'box.width(i)',
      () => 'h.pick(list, i)',
    ])();
  }

  /** A value that allocates nothing. */
  atom() {
    return this.pick([
      () => String(this.int(100)),
      () => 'i',
      () => 'from',
      () => "'text'",
      () => 'null',
      () => 'i & 7',
      () => 'list.length',
      () => this.helper(),
    ])();
  }

  /** A value that may allocate something that is not judged. */
  value() {
    return this.pick([
      () => this.atom(),
      () => this.atom(),
      () => this.atom(),
      () => '[i]',
      () => '{ v: i }',
      () => '() => i',
      () => '`t${i}`',
      () => FRACTION,
      () => '/x/',
    ])();
  }

  /** Statements that typically precede an allocation. */
  before() {
    const statement = () =>
      this.pick([
        () => `const ${this.name('n')} = ${this.helper()};`,
        () => `sum += ${this.helper()};`,
        () => `if (h.isOdd(i)) sum += 1;`,
        () => `const ${this.name('n')} = { n: ${this.atom()} };`,
        () => `sum += [${this.atom()}, i].length;`,
        () => `for (let k = 0; k < 2; k++) sum += near(k);`,
      ])();
    return this.times(this.int(3), () => `  ${statement()}\n`).join('');
  }

  /** An object or array literal with a tag, over one line or several. */
  literal(part = 'literal') {
    const s = this.site(part);
    let values = this.times(this.int(4), () => this.value());
    const line = this.chance(0.5) ? ' ' : '\n      ';
    if (this.chance(0.4)) {
      // An array that first held integers would get new elements for a fraction, and it may be
      // reported at the place where its elements were allocated.
      values = values.filter((value) => value !== FRACTION);
      return `${s}[${line}${[s.tag, 'from', ...values].join(`,${line}`)}${line}]`;
    }
    const fields = values.map((value, index) => `${'abcdef'[index]}: ${value}`);
    return `${s}{${line}${[`t: ${s.tag}`, 'from', ...fields].join(`,${line}`)}${line}}`;
  }
}

/**
 * The text without marks, and the position of each mark: `[index, line, column]`, 1-based. Carriage
 * returns count as in V8: CRLF is one line end.
 */
export function takeMarks(text) {
  const found = [];
  const clean = text.replace(/\/\*@(\d+)\*\/ ?/g, '');
  let removed = 0;
  for (const mark of text.matchAll(/\/\*@(\d+)\*\/ ?/g)) {
    const before = clean.slice(0, mark.index - removed).split(/\r\n|[\n\r\u2028\u2029]/);
    found.push([Number(mark[1]), before.length, before.at(-1).length + 1]);
    removed += mark[0].length;
  }
  return { clean, found };
}
