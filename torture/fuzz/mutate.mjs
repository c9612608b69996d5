// SPDX-License-Identifier: MIT
// Damages valid input by a few random changes.

const NUMBERS = [0, 1, 2, 127, 128, 255, 256, 65_535, 0x7fffffff, 0x80000000, 0xffffffff];

const BYTE_CHANGES = [
  ({ random, bytes }) => {
    bytes[random.int(bytes.length)] ^= 1 << random.int(8);
  },
  ({ random, bytes }) => {
    bytes[random.int(bytes.length)] = random.pick(NUMBERS);
  },
  ({ random, bytes }) => {
    if (bytes.length < 4) return;
    const at = random.int(Math.floor(bytes.length / 4)) * 4;
    new DataView(bytes.buffer).setUint32(at, random.pick(NUMBERS), true);
  },
  ({ random, bytes }) => {
    if (bytes.length < 8) return;
    const at = random.int(Math.floor(bytes.length / 8)) * 8;
    const number = random.pick([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e308, 2 ** 53]);
    new DataView(bytes.buffer).setFloat64(at, number, true);
  },
  ({ random, bytes }) => bytes.slice(0, random.int(bytes.length + 1)),
  ({ random, bytes }) => {
    const [from, to] = [random.int(bytes.length), random.int(bytes.length)];
    bytes.copyWithin(to, from, from + random.magnitude(64));
  },
  ({ random, bytes }) => {
    const [at, length] = [random.int(bytes.length), random.magnitude(64)];
    return Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + length)]);
  },
  ({ random, bytes }) => {
    const added = Array.from({ length: random.magnitude(64) }, () => random.int(256));
    const at = random.int(bytes.length);
    return Uint8Array.from([...bytes.slice(0, at), ...added, ...bytes.slice(at)]);
  },
];

/** A changed copy, in its own buffer; `seed` is not changed. */
export function mutateBytes(random, seed) {
  let bytes = Uint8Array.from(seed);
  for (let i = random.magnitude(8); i > 0 && bytes.length > 0; i--) {
    bytes = random.pick(BYTE_CHANGES)({ random, bytes }) ?? bytes;
  }
  return bytes;
}

/** `text` with parts dropped, doubled, or replaced by one of `words`. */
export function mutateText(random, text, words) {
  for (let i = random.magnitude(6); i > 0; i--) {
    const [at, length] = [random.int(text.length + 1), random.int(8)];
    const put = random.pick([
      '',
      random.pick(words),
      text.slice(at, at + length).repeat(2),
      String.fromCharCode(random.pick([0, 9, 10, 13, 32, 37, 127, 255, 0x2028, 0xd800])),
      String(random.pick(NUMBERS)),
    ]);
    text = text.slice(0, at) + put + text.slice(at + length);
  }
  return text;
}

const VALUES = [
  null,
  true,
  -1,
  0.5,
  1e300,
  '',
  '__proto__',
  [],
  {},
  [[]],
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
];

/** Replaces, drops or adds a value somewhere in `json`, which must not be used afterwards. */
export function mutateJson(random, json) {
  const keys = typeof json === 'object' && json !== null ? Object.keys(json) : [];
  if (keys.length === 0 || random.chance(0.1)) return structuredClone(random.pick(VALUES));
  const key = random.pick(keys);
  const change = random.int(10);
  if (change === 0) delete json[key];
  else if (change === 1) json[random.pick(['toString', 'constructor', 'x'])] = json[key];
  else json[key] = mutateJson(random, json[key]);
  return json;
}
