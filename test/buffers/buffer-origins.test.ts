// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const TOOLS = `
  const where = (object) => tracemalloc.getObjectTraceback(object)?.frames
    .filter((f) => !f.isInternal).at(-1)?.functionName;
`;

test.each(['heap,buffer', 'buffer'])('%s: every buffer is found by its memory', async (text) => {
  const seen = await evaluate<Record<string, unknown>>(`${TOOLS}
    tracemalloc.start({ sampleInterval: 1, domains: '${text}'.split(',') });
    const made = {
      arrayBuffer: (function a() { return new ArrayBuffer(1000); })(),
      buffer: (function b() { return Buffer.alloc(100_000); })(),
      floats: (function c() { return new Float64Array(1000); })(),
      shared: (function d() { return new SharedArrayBuffer(1000); })(),
      view: (function e() { return new DataView(new ArrayBuffer(1000)); })(),
    };
    const seen = {};
    for (const [name, object] of Object.entries(made)) seen[name] = where(object);
    function moved(buffer) { return structuredClone(buffer, { transfer: [buffer] }); }
    seen.moved = where(moved(made.arrayBuffer));
    seen.detached = where(made.arrayBuffer);
    report(seen);
  `);
  expect(seen).toMatchObject({
    arrayBuffer: 'a',
    buffer: 'b',
    floats: 'c',
    shared: 'd',
    view: 'e',
  });
  expect(seen['moved']).toBe('a');
});

test('a slice of a slab: where it was made, or else where the slab was', async () => {
  const seen = await evaluate<unknown[]>(`${TOOLS}
    function refill() { return Buffer.allocUnsafe(Buffer.poolSize / 4); }
    function slice() { return Buffer.from('abc'); }
    const found = [];
    for (const domains of [['heap', 'buffer'], ['buffer']]) {
      tracemalloc.start({ sampleInterval: 1, domains });
      const { buffer } = refill();
      while (refill().buffer === buffer);
      found.push(where(slice()));
      tracemalloc.stop();
    }
    report(found);
  `);
  expect(seen).toEqual(['slice', 'refill']);
});

test('undefined for what nobody can know', async () => {
  const seen = await evaluate<unknown[]>(`${TOOLS}
    const early = new ArrayBuffer(1000);
    tracemalloc.start({ sampleInterval: 1, domains: ['buffer'] });
    const unknown = [early, new ArrayBuffer(0), new Uint8Array(10), {}, new Map()].map(where);
    tracemalloc.stop();
    tracemalloc.start({ sampleInterval: 1, domains: ['buffer'], precision: 'function' });
    report([...unknown, where(new ArrayBuffer(1000))].map((name) => name ?? null));
  `);
  expect(seen).toEqual([null, null, null, null, null, null]);
});
