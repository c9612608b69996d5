// SPDX-License-Identifier: MIT
// A pprof heap profile of about the given size, like that of a service with many stacks: samples of
// 4 values, 16 frames and one label. Written by hand, so that making it needs little memory.

/** The protobuf, not compressed. */
export function largeProfile(bytes) {
  const parts = [];
  let size = 0;
  const add = (field, content) => {
    const head = Buffer.from([(field << 3) | 2, ...varint(content.length)]);
    parts.push(head, content);
    size += head.length + content.length;
  };
  const text = (value) => add(6, Buffer.from(value));
  text('');
  for (const [type, unit] of [
    [1, 2],
    [3, 4],
    [5, 2],
    [6, 4],
  ])
    add(1, message([1, type], [2, unit]));
  for (const name of [
    'alloc_objects',
    'count',
    'alloc_space',
    'bytes',
    'inuse_objects',
    'inuse_space',
    'route',
  ])
    text(name);
  for (let i = 1; i <= PLACES; i++) {
    text(`function${i}`);
    text(`/app/src/module${i}.js`);
    add(5, message([1, i], [2, 6 + 2 * i], [4, 7 + 2 * i]));
    const line = message([1, i], [2, i % 500]);
    add(4, Buffer.concat([message([1, i]), Buffer.from([(4 << 3) | 2, line.length]), line]));
  }
  const label = message([1, 7], [2, 8]);
  for (let i = 0; size < bytes; i++) {
    const locations = [];
    for (let k = 0, at = i; k < 16; k++) {
      at = (at * 31 + k * 7 + 1) % 2_147_483_647;
      locations.push(...varint(1 + (at % PLACES)));
    }
    const values = [i % 90, 1000 + i, i % 50, 800 + (i % 4096)].flatMap(varint);
    add(
      2,
      Buffer.from([
        10,
        locations.length,
        ...locations,
        18,
        values.length,
        ...values,
        26,
        label.length,
        ...label,
      ]),
    );
  }
  return Buffer.concat(parts);
}

const PLACES = 5000;

function message(...fields) {
  return Buffer.from(fields.flatMap(([field, value]) => [field << 3, ...varint(value)]));
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
