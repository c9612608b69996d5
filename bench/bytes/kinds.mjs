// SPDX-License-Identifier: MIT
// Every kind of object that V8 makes for JavaScript, by name: a function that makes the i-th of
// them. Things that a kind needs beforehand are made where the function is defined. `units`: the
// number to make if 60,000 would take too long.
import { readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';

const units = (count, make) => Object.assign(make, { units: count });
const never = new Promise(() => {});
const word = (i) => `word-${i}-${i * 7}`;

class Plain {
  constructor(i) {
    this.a = i;
    this.b = i;
  }
}
class Derived extends Plain {
  constructor(i) {
    super(i);
    this.c = i;
  }
}
class Fields {
  a = 1;
  b = 'b';
  #c = {};
  static s = 1;
  get c() {
    return this.#c;
  }
}
class Slack {
  constructor(i) {
    this.i = i;
    // V8 reserves room for the fields that it counts in the constructor, whether or not they are
    // used.
    if (i < 0) this.a = this.b = this.c = this.d = this.e = this.f = this.g = i;
  }
}
class LateSlack {
  constructor(i) {
    this.i = i;
  }
}
class OwnMap extends Map {}
class OwnArray extends Array {}
class OwnError extends Error {}
class OwnPromise extends Promise {}
function Legacy(i) {
  this.x = i;
  this.y = i;
}

const wasm = (bytes) => new WebAssembly.Module(new Uint8Array(bytes));
// (module (func (export "f") (result i32) i32.const 1))
const MODULE = wasm([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1,
  4, 0, 65, 1, 11,
]);

const TEXT = 'the quick brown fox jumps over the lazy dog, and once more, and again';
const JSON_TEXT = JSON.stringify({ id: 1, name: 'n', tags: ['a', 'b'], at: { x: 1.5, y: [1, 2] } });
const SERIALIZED = serialize({ id: 1, name: 'name', list: [1, 2, 3], at: new Date(0) });
const ENTRIES = [
  ['a', 1],
  ['b', 2],
  ['c', 3],
];
const FILE = readFileSync(new URL(import.meta.url), 'latin1');

export const kinds = {
  // objects
  'object {}': () => ({}),
  'object { i }': (i) => ({ i }),
  'object of 12 properties': (i) => ({
    a: i,
    b: i,
    c: i,
    d: i,
    e: i,
    f: i,
    g: i,
    h: i,
    i,
    j: i,
    k: i,
    l: i,
  }),
  'object, properties added later': (i) => {
    const object = {};
    for (let n = 0; n < 9; n++) object[`p${n}`] = i;
    return object;
  },
  'object in dictionary mode (delete)': (i) => {
    const object = { a: i, b: i, c: i };
    delete object.a;
    return object;
  },
  'object without prototype': (i) => {
    const object = Object.create(null);
    object.a = i;
    object.b = i;
    return object;
  },
  'object with 40 computed keys': units(10_000, (i) => {
    const object = {};
    for (let n = 0; n < 40; n++) object[`k${n}`] = i;
    return object;
  }),
  'object with accessors': (i) => ({
    get a() {
      return i;
    },
    set a(_value) {},
  }),
  'object with indexed properties': (i) => ({ 0: i, 1: i, 2: i }),
  'object with sparse indexes': (i) => ({ 0: i, 100000: i }),
  'Object.create(object)': units(20_000, (i) =>
    Object.create(Object.prototype, { a: { value: i } }),
  ),
  'Object.freeze': (i) => Object.freeze({ i, j: i }),
  'Object.defineProperty': (i) => Object.defineProperty({ i }, 'hidden', { value: i }),
  'Object.assign': (i) => Object.assign({ i }, { a: i, b: i }),
  'object spread': (i) => ({ ...ENTRIES, i }),
  'object of fractions': (i) => ({ x: i + 0.5, y: i + 0.25 }),
  'fractions rewritten': (i) => {
    const object = { x: 0.5 };
    object.x = i + 0.25;
    object.x += 0.5;
    return object;
  },
  'Object.fromEntries': () => Object.fromEntries(ENTRIES),
  'Object.entries': (i) => Object.entries({ a: i, b: i, c: i }),
  'Object.keys': (i) => Object.keys({ [`a${i % 9}`]: i, b: i, c: i }),
  'Object.values': (i) => Object.values({ a: i, b: i }),
  'Object.groupBy': (i) =>
    Object.groupBy ? Object.groupBy([i, i + 1, i + 2], (n) => (n % 2 ? 'odd' : 'even')) : { i },
  'Object(1)': (i) => Object(i),
  // classes
  'class of two fields': (i) => new Plain(i),
  'derived class': (i) => new Derived(i),
  'class with private field': () => new Fields(),
  'class with in-object slack': (i) => new Slack(i),
  'class, fields added after the constructor': (i) => {
    const object = new LateSlack(i);
    object.a = i;
    object.b = i;
    object.c = i;
    object.d = i;
    object.e = i;
    return object;
  },
  'old-style constructor': (i) => new Legacy(i),
  'Reflect.construct': (i) => Reflect.construct(Plain, [i], Derived),
  'class extends Map': (i) => new OwnMap([[i, i]]),
  'class extends Array': (i) => OwnArray.of(i, i, i),
  'class expression': units(
    3000,
    () =>
      class {
        method() {}
        static member = 1;
      },
  ),
  // functions
  closure: (i) => () => i,
  'closure over two contexts': (i) => {
    const a = i;
    return (() => {
      const b = a + 1;
      return () => a + b + i;
    })();
  },
  'closures in a loop': (i) => {
    const list = [];
    for (let n = 0; n < 3; n++) list.push(() => n + i);
    return list;
  },
  'function with prototype': (i) => {
    function f() {
      return i;
    }
    f.prototype.x = i;
    return f;
  },
  'bound function': () => word.bind(null, 1),
  'bound function with arguments': (i) => word.bind(null, i, i, i, i),
  'mapped arguments': units(
    60_000,
    new Function('i', 'return (function (a, b) { return arguments; })(i, i, i);'),
  ),
  'mapped arguments, kept by a closure': units(
    60_000,
    new Function(
      'i',
      'return (function (a, b) { const f = () => a; return [arguments, f]; })(i, i, i);',
    ),
  ),
  'unmapped arguments': (i) =>
    (function () {
      // biome-ignore lint/complexity/noArguments: they are what is measured
      return arguments;
    })(i, i, i),
  'rest parameters': (i) => ((...rest) => rest)(i, i, i, i),
  'method of an object': (i) => ({
    i,
    method() {
      return this.i;
    },
  }),
  'Function()': units(2000, (i) => new Function(`return ${i}`)),
  // generators, iterators, asynchronous functions
  generator: (i) =>
    (function* () {
      yield i;
      yield i;
    })(),
  'generator, started': (i) => {
    const generator = (function* (a, b, c) {
      const d = a + b;
      yield d;
      yield c;
    })(i, i, i);
    generator.next();
    return generator;
  },
  'asynchronous generator': (i) =>
    (async function* () {
      yield i;
    })(),
  'asynchronous generator, started': (i) => {
    const generator = (async function* () {
      yield await never;
      yield i;
    })();
    return [generator, generator.next()];
  },
  'asynchronous function, waiting': async (i) => {
    await never;
    return i;
  },
  'asynchronous function, two locals': async (i) => {
    const a = { i };
    const b = [i];
    await new Promise(() => {});
    return [a, b];
  },
  'array iterator': (i) => [i, i][Symbol.iterator](),
  'Map iterator': (i) => new Map([[i, i]]).entries(),
  'Set iterator': (i) => new Set([i]).values(),
  'string iterator': (i) => word(i)[Symbol.iterator](),
  'RegExp string iterator': () => TEXT.matchAll(/o/g),
  'iterator helper': (i) =>
    globalThis.Iterator
      ? [i]
          .values()
          .map((n) => n + 1)
          .take(2)
      : [i].values(),
  'iterator result': (i) => [i].values().next(),
  // promises
  promise: () => new Promise(() => {}),
  'Promise.resolve': (i) => Promise.resolve(i),
  'promise with a reaction': (i) => Promise.resolve(i).then((n) => n + 1),
  'promise with three reactions': (i) => {
    const promise = new Promise(() => {});
    promise.then(() => i);
    promise.catch(() => i);
    promise.finally(() => i);
    return promise;
  },
  'Promise.all': (i) => Promise.all([never, i]),
  'Promise.race': (i) => Promise.race([i, 1]),
  'Promise.withResolvers': (i) => (Promise.withResolvers ? Promise.withResolvers() : { i }),
  'class extends Promise': () => new OwnPromise(() => {}),
  // collections
  'empty Map': () => new Map(),
  'Map from an array': () => new Map([[1, 2]]),
  'Map from an array of three': (i) =>
    new Map([
      [1, i],
      [2, i],
      [3, i],
    ]),
  'Map from a Map': (() => {
    const source = new Map([
      [1, 2],
      [3, 4],
    ]);
    return () => new Map(source);
  })(),
  'Map from a generator': (i) =>
    new Map(
      (function* () {
        yield [1, i];
        yield [2, i];
      })(),
    ),
  'Map of 20, grown': units(20_000, (i) => {
    const map = new Map();
    for (let n = 0; n < 20; n++) map.set(n, i);
    return map;
  }),
  'Map of 200, shrunk': units(1000, (i) => {
    const map = new Map();
    for (let n = 0; n < 200; n++) map.set(n, i);
    for (let n = 0; n < 195; n++) map.delete(n);
    return map;
  }),
  'Map, cleared': (i) => {
    const map = new Map([
      [1, i],
      [2, i],
    ]);
    map.clear();
    return map;
  },
  'Map of objects': (i) => new Map([[{ i }, { i }]]),
  'empty Set': () => new Set(),
  'Set from an array': (i) => new Set([1, i]),
  'Set from a string': () => new Set('abcdefgh'),
  'Set from a Set': (() => {
    const source = new Set([1, 2, 3, 4, 5]);
    return () => new Set(source);
  })(),
  'Set from an iterator': (i) => new Set([i, 1, 2].values()),
  'Set of 20, grown': units(20_000, (i) => {
    const set = new Set();
    for (let n = 0; n < 20; n++) set.add(n + i);
    return set;
  }),
  'Set union': (() => {
    const other = new Set([5, 6, 7]);
    return (i) => (Set.prototype.union ? new Set([i]).union(other) : new Set([i]));
  })(),
  'empty WeakMap': units(20_000, () => new WeakMap()),
  'WeakMap from an array': units(20_000, (i) => {
    const key = { i };
    return [key, new WeakMap([[key, i]])];
  }),
  WeakSet: units(20_000, (i) => {
    const key = { i };
    return [key, new WeakSet([key])];
  }),
  'one WeakMap for all': (() => {
    const map = new WeakMap();
    return (i) => {
      const key = { i };
      map.set(key, { i });
      return key;
    };
  })(),
  'one Map for all': (() => {
    const map = new Map();
    let next = 0;
    return (i) => {
      map.set(next++, { i });
      return map;
    };
  })(),
  WeakRef: (i) => {
    const target = { i };
    return [target, new WeakRef(target)];
  },
  FinalizationRegistry: (() => {
    const registry = new FinalizationRegistry(() => {});
    return (i) => {
      const target = { i };
      registry.register(target, i, target);
      return target;
    };
  })(),
  // arrays
  'empty array': () => [],
  'array literal': (i) => [i, i, i],
  'array literal of constants': () => [1, 2, 3],
  'array of fractions': (i) => [i + 0.5, 1.5, 2.5],
  'array of objects': (i) => [{ i }, { i }],
  'array grown by push': (i) => {
    const list = [];
    for (let n = 0; n < 10; n++) list.push(i);
    return list;
  },
  'array grown by one push': (i) => {
    const list = [];
    list.push(i);
    return list;
  },
  'array of fractions grown by push': (i) => {
    const list = [];
    for (let n = 0; n < 10; n++) list.push(i + 0.5);
    return list;
  },
  'array grown, then shortened': (i) => {
    const list = [];
    for (let n = 0; n < 30; n++) list.push(i);
    list.length = 3;
    return list;
  },
  'array, popped': (i) => {
    const list = [i, i, i, i, i, i, i, i, i, i];
    while (list.length > 2) list.pop();
    return list;
  },
  'array, shifted': (i) => {
    const list = [i, i, i, i, i, i, i, i];
    list.shift();
    list.shift();
    return list;
  },
  'array, spliced': (i) => {
    const list = [i, i, i, i, i, i, i, i, i, i, i, i];
    list.splice(2, 7);
    return list;
  },
  'array, unshifted': (i) => {
    const list = [i];
    list.unshift(i, i);
    return list;
  },
  'array with holes': (i) => {
    const list = new Array(8);
    list[3] = i;
    return list;
  },
  'array with dictionary elements': (i) => {
    const list = [i];
    list[50_000] = i;
    return list;
  },
  'array, smi then fraction then object': (i) => {
    const list = [i];
    list.push(0.5);
    list.push({ i });
    return list;
  },
  'new Array(n)': () => new Array(5),
  'new Array(n).fill': (i) => new Array(20).fill(i),
  'Array.from({ length })': (i) => Array.from({ length: 5 }, () => i),
  'Array.from(iterable)': (i) => Array.from(new Set([i, 1, 2])),
  'Array.of': (i) => Array.of(i, i),
  'array spread': (i) => [...[i, i, i], i],
  'spread of a Set': (i) => [...new Set([i, 1])],
  'spread of a string': () => [...'abcdef'],
  'array slice': (i) => [i, i, i, i].slice(1),
  'array concat': (i) => [i, i].concat([i, i], i),
  'array map': (i) => [i, i, i].map((n) => n + 1),
  'array filter': (i) => [i, 1, 2, 3, 4].filter((n) => n > 2),
  'array flat': (i) => [[i], [i, [i]]].flat(2),
  'array flatMap': (i) => [i, i].flatMap((n) => [n, n]),
  'array sort': (i) => [3, i, 1].sort((a, b) => a - b),
  'array toSorted': (i) => ([].toSorted ? [3, i, 1].toSorted() : [3, i, 1]),
  'array reverse': (i) => [i, 1, 2].reverse(),
  'array of 500': units(2000, (i) => new Array(500).fill(i)),
  'array of 20,000': units(100, (i) => new Array(20_000).fill(i)),
  'frozen array': (i) => Object.freeze([i, i]),
  'destructured rest': (i) => {
    const [, ...rest] = [i, i, i, i];
    return rest;
  },
  // numbers and big integers
  'number with a fraction': (i) => i + 0.5,
  'BigInt()': (i) => BigInt(i),
  'computed BigInt': (i) => BigInt(i) + 12345678901234567890n,
  'BigInt product': (i) => (BigInt(i) + 1n) * 1234567890123456789012345678901234567890n,
  'BigInt quotient': (i) => (BigInt(i) + 12345678901234567890123456789012345678901234567890n) / 7n,
  'BigInt power': (i) => 3n ** (200n + BigInt(i % 7)),
  'BigInt difference': (i) => 1234567890123456789012345678901234567890n - BigInt(i),
  'BigInt shift': (i) => (BigInt(i) + 1n) << 200n,
  'BigInt negated': (i) => -(BigInt(i) + 12345678901234567890n),
  'BigInt.asUintN': (i) =>
    BigInt.asUintN(64, BigInt(i) + 1234567890123456789012345678901234567890n),
  'BigInt from a string': (i) => BigInt(`1234567890123456789012345678901234567890${i}`),
  // strings
  'string concatenation': (i) => `${TEXT}${i}`,
  'string concatenation, flattened': (i) => {
    const text = TEXT + word(i);
    text.charCodeAt(3);
    return text;
  },
  'short string concatenation': (i) => `x${i}`,
  'string from a number': (i) => String(i + 100_000),
  'string of a fraction': (i) => String(i + 0.123),
  'template of three': (i) => `${i}-${i}-${i}`,
  'two-byte string': (i) => `текст ${i} текст`,
  'sliced string': (() => {
    const text = FILE.repeat(30);
    return (i) => text.slice(i % 1000, (i % 1000) + 40);
  })(),
  'short slice': (() => {
    const text = FILE.repeat(30);
    return (i) => text.slice(i, i + 9);
  })(),
  'string split': (i) => `a${i},b${i},c${i}`.split(','),
  'string split, cached': () => TEXT.split(' '),
  'array join': (i) => [i, 'abc', i].join('-'),
  'string replace': (i) => TEXT.replace('fox', word(i)),
  'string replace by RegExp': (i) => TEXT.replace(/o/g, word(i)),
  'string replace by a function': (i) => TEXT.replace(/o/g, () => word(i)),
  replaceAll: (i) => TEXT.replaceAll('o', word(i)),
  toUpperCase: (i) => word(i).toUpperCase(),
  padStart: (i) => String(i).padStart(40, '.'),
  repeat: (i) => word(i).repeat(4),
  trim: (i) => `   ${word(i)}   `.trim(),
  normalize: (i) => `é${i}`.normalize('NFD'),
  'String.fromCharCode': (i) => String.fromCharCode(1000 + (i % 5000), 1100, 1200),
  'string used as a key': (() => {
    let next = 0;
    return (i) => {
      const key = `key-${next++}-of-many`;
      const object = {};
      object[key] = i;
      return [key, object];
    };
  })(),
  'string built by +=': (i) => {
    let text = '';
    for (let n = 0; n < 8; n++) text += word(i);
    return text;
  },
  'string built by +=, flattened': (i) => {
    let text = '';
    for (let n = 0; n < 8; n++) text += word(i);
    return [text, text.indexOf('zzz')];
  },
  'Buffer to string': (() => {
    const buffer = Buffer.from(TEXT);
    return (i) => buffer.toString('latin1', i % 10);
  })(),
  'Buffer to UTF-8 string': (() => {
    const buffer = Buffer.from(`${TEXT} ü`);
    return (i) => buffer.toString('utf8', i % 10);
  })(),
  'Buffer to hex': (() => {
    const buffer = Buffer.from(TEXT);
    return (i) => buffer.toString('hex', i % 10);
  })(),
  'external string': (() => {
    const buffer = Buffer.alloc(1_200_000, 'x');
    return units(20, () => buffer.toString('latin1'));
  })(),
  TextDecoder: (() => {
    const decoder = new TextDecoder();
    const buffer = Buffer.from(TEXT);
    return () => decoder.decode(buffer);
  })(),
  encodeURIComponent: (i) => encodeURIComponent(`a b ${i}`),
  'JSON.stringify': (i) => JSON.stringify({ i, list: [i] }),
  'String object': (i) => new String(word(i)),
  'tagged template': (() => {
    const tag = (strings, ...values) => [strings, values];
    return (i) => tag`a${i}b${i}c`;
  })(),
  'String.raw': (i) => String.raw`a\n${i}`,
  // symbols
  symbol: () => Symbol(),
  'symbol with description': (i) => Symbol(word(i)),
  'symbol as a key': (i) => ({ [Symbol('s')]: i }),
  // regular expressions
  'RegExp literal': () => /ab+c/g,
  'new RegExp': units(20_000, (i) => new RegExp(`a${i % 50}`)),
  'RegExp exec': () => /(q\w+) (b\w+)/.exec(TEXT),
  'RegExp exec with groups': () => /(?<first>q\w+) (?<second>b\w+)/.exec(TEXT),
  'RegExp exec with indices': () => /(?<first>q\w+)/d.exec(TEXT),
  'match, global': () => TEXT.match(/o\w/g),
  'match of distinct strings': (i) => `${i} and ${i}`.match(/\d+/g),
  'matchAll, spread': () => [...TEXT.matchAll(/o(\w)/g)],
  'RegExp split': (i) => `a ${i} b`.split(/\s/),
  // dates and Intl
  Date: () => new Date(),
  'Date of a number': (i) => new Date(i * 1e6),
  'Date, fields read': (i) => {
    const date = new Date(i * 1e6);
    date.getFullYear();
    return date;
  },
  toISOString: (i) => new Date(i * 1e6).toISOString(),
  'Intl.NumberFormat': units(300, () => new Intl.NumberFormat('en')),
  'Intl.DateTimeFormat': units(200, () => new Intl.DateTimeFormat('en')),
  'Intl.Collator': units(500, () => new Intl.Collator('en')),
  'Intl.PluralRules': units(200, () => new Intl.PluralRules('en')),
  'Intl.ListFormat': units(500, () => new Intl.ListFormat('en')),
  'Intl.RelativeTimeFormat': units(200, () => new Intl.RelativeTimeFormat('en')),
  'Intl.Segmenter': units(300, () => new Intl.Segmenter('en')),
  'Intl.Locale': units(3000, () => new Intl.Locale('en-US')),
  formatToParts: (() => {
    const format = new Intl.NumberFormat('en');
    return units(10_000, (i) => format.formatToParts(i));
  })(),
  // errors
  Error: () => new Error('message'),
  'Error, stack read': units(10_000, () => {
    const error = new Error('message');
    return [error, error.stack];
  }),
  'Error with cause': (i) => new Error('message', { cause: i }),
  'class extends Error': units(20_000, (i) => new OwnError(word(i))),
  AggregateError: (i) => new AggregateError([i], 'message'),
  'thrown TypeError': units(20_000, () => {
    try {
      null.x;
    } catch (error) {
      return error;
    }
  }),
  'Error.captureStackTrace': units(20_000, (i) => {
    const object = { i };
    Error.captureStackTrace(object);
    return object;
  }),
  // proxies and reflection
  Proxy: (i) => new Proxy({ i }, {}),
  'Proxy of a function': () => new Proxy(word, {}),
  'Proxy.revocable': (i) => Proxy.revocable({ i }, {}),
  getOwnPropertyDescriptor: (i) => Object.getOwnPropertyDescriptor({ i }, 'i'),
  'Reflect.ownKeys': (i) => Reflect.ownKeys({ a: i, b: i, [Symbol.iterator]: i }),
  // buffers and views
  ArrayBuffer: units(20_000, () => new ArrayBuffer(8)),
  'resizable ArrayBuffer': units(2000, () => new ArrayBuffer(8, { maxByteLength: 64 })),
  SharedArrayBuffer: units(10_000, () => new SharedArrayBuffer(8)),
  'small typed array': () => new Float64Array(4),
  'typed array on the heap, 1 byte': () => new Uint8Array(1),
  'typed array on the heap, 60 bytes': () => new Uint8Array(60),
  'empty typed array': () => new Uint32Array(),
  'typed array from an array': (i) => new Float32Array([i, i, i]),
  'typed array from a Set': (i) => new Uint16Array(new Set([i, 1])),
  'typed array, its buffer read': units(20_000, () => {
    const array = new Float64Array(4);
    return [array, array.buffer];
  }),
  'typed array off the heap': units(20_000, () => new Float64Array(40)),
  subarray: (() => {
    const array = new Uint8Array(100_000);
    return (i) => array.subarray(i % 100, (i % 100) + 10);
  })(),
  'typed array slice': (() => {
    const array = new Uint8Array(100_000);
    return (i) => array.slice(i % 100, (i % 100) + 10);
  })(),
  'typed array map': (() => {
    const array = new Uint8Array(6);
    return () => array.map((n) => n + 1);
  })(),
  'typed array of a buffer': (() => {
    const buffer = new ArrayBuffer(1000);
    return (i) => new Uint8Array(buffer, i % 100, 8);
  })(),
  'typed array of a resizable buffer': (() => {
    const buffer = new ArrayBuffer(1000, { maxByteLength: 4000 });
    return () => new Uint8Array(buffer);
  })(),
  BigInt64Array: () => new BigInt64Array(3),
  DataView: (() => {
    const buffer = new ArrayBuffer(1000);
    return (i) => new DataView(buffer, i % 100);
  })(),
  'DataView of its own buffer': units(20_000, () => new DataView(new ArrayBuffer(16))),
  'Buffer from the pool': units(20_000, () => Buffer.allocUnsafe(10)),
  'Buffer.from(string)': units(20_000, (i) => Buffer.from(word(i))),
  // parsed and copied
  'JSON.parse': () => JSON.parse(JSON_TEXT),
  'JSON.parse of distinct strings': (i) =>
    JSON.parse(`{"id":${i},"name":"name ${i}","list":[${i},1.5]}`),
  'JSON.parse with 30 keys': units(5000, (i) =>
    JSON.parse(`{${Array.from({ length: 30 }, (_, n) => `"key${n}":${i}`).join(',')}}`),
  ),
  'JSON.parse with reviver': units(20_000, () => JSON.parse(JSON_TEXT, (_, value) => value)),
  structuredClone: units(20_000, (i) => structuredClone({ i, list: [i], at: new Date(i) })),
  'structuredClone of a Map': units(20_000, (i) => structuredClone(new Map([[i, { i }]]))),
  'v8.deserialize': units(20_000, () => deserialize(SERIALIZED)),
  URL: units(10_000, (i) => new URL(`http://example.com/path/${i}?a=${i}`)),
  URLSearchParams: units(20_000, (i) => new URLSearchParams(`a=${i}&b=${i}`)),
  AbortController: units(10_000, () => new AbortController()),
  EventTarget: units(10_000, () => new EventTarget()),
  // WebAssembly
  'WebAssembly.Instance': units(500, () => new WebAssembly.Instance(MODULE)),
  'WebAssembly.Global': units(
    20_000,
    () => new WebAssembly.Global({ value: 'i32', mutable: true }, 1),
  ),
  'WebAssembly.Table': units(
    5000,
    () => new WebAssembly.Table({ element: 'externref', initial: 8 }),
  ),
  'WebAssembly.Memory': units(50, () => new WebAssembly.Memory({ initial: 1, maximum: 1 })),
  'WebAssembly.Module': units(200, () =>
    wasm([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6,
      1, 4, 0, 65, 1, 11,
    ]),
  ),
  'WebAssembly.Tag': units(10_000, () => new WebAssembly.Tag({ parameters: ['i32'] })),
};
