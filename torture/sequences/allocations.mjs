// SPDX-License-Identifier: MIT
// Ways to allocate, one of each kind that V8 or Node treats differently. Each returns something to
// keep, or nothing.
import vm from 'node:vm';

class Point {
  #hidden = {};
  constructor(x) {
    this.x = x;
    this.y = [this.#hidden];
  }
}

class Overflowing {
  constructor(depth) {
    this.next = depth > 0 ? new Overflowing(depth - 1) : undefined;
  }
}

function overflow() {
  return [overflow()];
}

async function promised(n) {
  const held = new Array(n).fill(n);
  await undefined;
  return held;
}

function* generated(n) {
  for (let i = 0; i < n; i++) yield { i, text: `item ${i}` };
}

// `random` determines sizes; they add up to some hundred kilobytes at most.
export const ALLOCATIONS = {
  objects: (random) => Array.from({ length: random.magnitude(2000) }, (_, i) => ({ i, s: [i] })),
  instances: (random) => Array.from({ length: random.magnitude(1000) }, (_, i) => new Point(i)),
  doubles: (random) => Array.from({ length: random.magnitude(5000) }, (_, i) => i + 0.5),
  large: (random) => new Array(random.magnitude(60_000)).fill(1),
  closures: (random) => Array.from({ length: random.magnitude(500) }, (_, i) => () => i),
  strings: (random) => {
    const n = random.magnitude(500);
    return Array.from({ length: n }, (_, i) => `${i}`.padStart(random.magnitude(200), 'é'));
  },
  ropes: (random) => {
    let rope = '';
    for (let i = random.magnitude(2000); i > 0; i--) rope += `${i},`;
    return random.chance(0.5) ? rope : Buffer.from(rope).toString('latin1').split(',');
  },
  maps: (random) => new Map(Array.from({ length: random.magnitude(2000) }, (_, i) => [{}, i])),
  sets: (random) => new Set(Array.from({ length: random.magnitude(2000) }, (_, i) => `${i}`)),
  weak: (random) => {
    const keys = Array.from({ length: random.magnitude(500) }, () => ({}));
    const map = new WeakMap(keys.map((key) => [key, { key }]));
    return [map, random.chance(0.5) ? keys : new WeakRef(keys)];
  },
  finalized: (random) => {
    const registry = new FinalizationRegistry(() => [1, 2, 3]);
    for (let i = random.magnitude(200); i > 0; i--) registry.register({ i }, i);
    return registry;
  },
  symbols: (random) => Array.from({ length: random.magnitude(300) }, (_, i) => Symbol(`s${i}`)),
  bigints: (random) => Array.from({ length: random.magnitude(50) }, (_, i) => 3n ** BigInt(i * 20)),
  regexps: (random) =>
    Array.from({ length: random.magnitude(30) }, (_, i) => /(a+)b(?<n>.)/.exec(`aa${i}aab${i}`)),
  json: (random) => JSON.parse(JSON.stringify([...generated(random.magnitude(500))])),
  dictionary: (random) => {
    const object = {};
    for (let i = random.magnitude(1500); i > 0; i--) object[`key${i}`] = { i };
    for (const key of Object.keys(object)) if (random.chance(0.3)) delete object[key];
    return object;
  },
  shifted: (random) => {
    const array = Array.from({ length: random.magnitude(3000) }, (_, i) => ({ i }));
    for (let i = random.int(array.length); i > 0; i--) array.shift();
    return array;
  },
  shrunk: (random) => {
    const array = [];
    for (let i = random.magnitude(5000); i > 0; i--) array.push(i % 3 ? i : {});
    array.length = random.int(array.length);
    return array;
  },
  spliced: (random) => {
    const array = new Array(random.magnitude(3000)).fill({});
    array.splice(0, random.int(array.length), ...array.slice(0, 10));
    return array;
  },
  errors: (random) =>
    Array.from({ length: random.magnitude(100) }, (_, i) => {
      const error = new Error(`number ${i}`, { cause: { i } });
      return random.chance(0.5) ? error : error.stack;
    }),
  code: (random) => {
    const body = `const held = []; for (let i = 0; i < n; i++) held.push({ i, at: [${random.int(1e9)}] });`;
    const made = new Function('n', `${body} return held;`);
    for (let i = random.magnitude(300); i > 0; i--) made(5);
    return random.chance(0.5) ? made : made(random.magnitude(1000));
  },
  context: (random) => {
    const context = vm.createContext({ n: random.magnitude(500) });
    return vm.runInContext('Array.from({ length: n }, (_, i) => ({ i, f() {} }))', context);
  },
  overflowing: (random) => {
    try {
      return random.chance(0.5) ? overflow() : new Overflowing(1e9);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return error;
    }
  },
  promises: (random) =>
    Promise.all(Array.from({ length: random.magnitude(50) }, () => promised(50))),
  generators: (random) => {
    const generator = generated(random.magnitude(500));
    for (let i = random.int(100); i > 0; i--) generator.next();
    return generator;
  },
  smallBuffers: (random) =>
    Array.from({ length: random.magnitude(300) }, (_, i) => Buffer.from(`small ${i}`)),
  buffers: (random) =>
    Array.from({ length: random.magnitude(10) }, () => Buffer.alloc(random.magnitude(300_000))),
  typedArrays: (random) =>
    Array.from({ length: random.magnitude(50) }, () => new Float64Array(random.magnitude(2000))),
  resized: (random) => {
    const buffer = new ArrayBuffer(random.magnitude(4096), { maxByteLength: 1 << 20 });
    buffer.resize(random.magnitude(1 << 20));
    return buffer;
  },
  transferred: (random) => {
    const from = new ArrayBuffer(random.magnitude(500_000));
    return structuredClone(from, { transfer: [from] });
  },
  cloned: (random) => structuredClone(new Map([...generated(random.magnitude(300))].entries())),
  shared: (random) => new SharedArrayBuffer(random.magnitude(100_000)),
  // (With --jitless there is no WebAssembly.)
  wasm: () => globalThis.WebAssembly && new WebAssembly.Memory({ initial: 1, maximum: 4 }),
  proxies: (random) =>
    Array.from({ length: random.magnitude(200) }, (_, i) => new Proxy({ i }, { get: () => ({}) })),
  sorted: (random) =>
    Array.from({ length: random.magnitude(2000) }, (_, i) => ({ i: (i * 7919) % 1000 })).sort(
      (a, b) => a.i - b.i,
    ),
};
