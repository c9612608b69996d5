// SPDX-License-Identifier: MIT
// What streams are said to hold, against what V8 hears when they are closed.
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/child.js';

const sizes = new URL('../../build/modules/streams/compression-sizes.js', import.meta.url).href;
const { platform, arch, versions } = process;
const addon = resolve(
  `prebuilds/${platform}-${arch}/tracemalloc.abi${versions.modules}.glibc.node`,
);
// Node 22 does not tell V8 of it.
const hasZstd = Number(versions.node.split('.')[0]) >= 24;

interface Case {
  readonly name: string;
  readonly told: number;
  readonly truth: number;
}

// Each case makes a stream, catches what its handle is initialized with, writes, and closes it.
const measured = async (body: string): Promise<Case[]> => {
  const { code, stdout, stderr } = await run(
    `import zlib from 'node:zlib';
    import crypto from 'node:crypto';
    import { createRequire } from 'node:module';
    import * as sizes from ${JSON.stringify(sizes)};
    const addon = createRequire(import.meta.url)(${JSON.stringify(addon)});
    const { constants } = zlib;
    const cases = [];
    const text = (bytes) => Buffer.from(crypto.randomBytes(bytes).toString('hex').slice(0, bytes));
    async function compare(name, create, law, { write = Buffer.from('some input'), idle = 0, inflates = false } = {}) {
      const prototype = Object.getPrototypeOf(create()._handle);
      const { init } = prototype;
      let args;
      prototype.init = function (...given) {
        args = given.map((value) => value instanceof Uint32Array ? value.slice() : value);
        return init.apply(this, given);
      };
      const stream = create();
      prototype.init = init;
      stream.resume();
      if (write.length > 0) await new Promise((resolve) => stream.write(write, resolve));
      // V8 is told when the callback has returned.
      await new Promise((resolve) => setImmediate(resolve));
      const before = addon.externalMemory();
      stream._handle.close();
      const truth = before - addon.externalMemory();
      cases.push({ name, told: law(args, idle)(write.length, inflates), truth });
    }
    ${body}
    process.stdout.write(JSON.stringify(cases));`,
  );
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

test('deflate and inflate: exact', async () => {
  const cases = await measured(`
    for (const windowBits of [9, 12, 15]) {
      for (const memLevel of [1, 5, 8, 9]) {
        const options = { windowBits, memLevel };
        await compare('deflate ' + windowBits + ' ' + memLevel, () => zlib.createDeflate(options), sizes.zlibSize);
        await compare('raw ' + windowBits + ' ' + memLevel, () => zlib.createDeflateRaw(options), sizes.zlibSize);
      }
      const write = zlib.deflateSync(text(50_000), { windowBits }).subarray(0, 9000);
      await compare('inflate ' + windowBits, () => zlib.createInflate({ windowBits }), sizes.zlibSize, { write, inflates: true });
    }
    await compare('gzip', () => zlib.createGzip(), sizes.zlibSize);
    const write = zlib.gzipSync(text(50_000)).subarray(0, 9000);
    await compare('gunzip', () => zlib.createGunzip(), sizes.zlibSize, { write, inflates: true });
    await compare('gunzip {}', () => zlib.createGunzip({}), sizes.zlibSize, { write });
    await compare('unzip', () => zlib.createUnzip(), sizes.zlibSize, { write, inflates: true });
    await compare('unwritten', () => zlib.createDeflate(), sizes.zlibSize, { write: '' });`);
  expect(cases).toHaveLength(32);
  // 32 bytes: what Node's own allocation adds to each block differs by version.
  for (const { name, told, truth } of cases) {
    expect(Math.abs(told - truth), name).toBeLessThanOrEqual(32);
  }
});

test('brotli: a lower bound, and with the usual window nine tenths', async () => {
  const cases = await measured(`
    for (const quality of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
      for (const windowBits of [18, 22]) {
        const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: windowBits };
        const create = () => zlib.createBrotliCompress({ params });
        for (const bytes of [100, 300_000]) {
          await compare(quality + ' ' + windowBits + ' ' + bytes, create, sizes.brotliEncoderSize, { write: text(bytes), idle: 6992 });
        }
      }
    }`);
  expect(cases).toHaveLength(40);
  for (const { name, told, truth } of cases) {
    expect(told, name).toBeLessThanOrEqual(truth * 1.001);
    // A smaller one weighs less beside the room for output, which depends on the data.
    expect(told / truth, name).toBeGreaterThan(name.includes(' 22 ') ? 0.9 : 0.6);
  }
});

test('brotli, at the fastest and when inflating: a lower bound', async () => {
  const cases = await measured(`
    for (const quality of [0, 1]) {
      const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
      for (const bytes of [10, 1000, 300_000]) {
        await compare(quality + ' ' + bytes, () => zlib.createBrotliCompress({ params }), sizes.brotliEncoderSize, { write: text(bytes), idle: 6992 });
      }
    }
    const write = zlib.brotliCompressSync(text(100_000)).subarray(0, 9000);
    await compare('inflating', () => zlib.createBrotliDecompress(), sizes.brotliDecoderSize, { write, idle: 7184 });`);
  for (const { name, told, truth } of cases) expect(told, name).toBeLessThanOrEqual(truth);
});

test.skipIf(!hasZstd)('zstd: exact by level, a lower bound otherwise', async () => {
  const cases = await measured(`
    for (const level of [undefined, -5, 1, 2, 3, 9, 19]) {
      const params = level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: level };
      await compare('level ' + level, () => zlib.createZstdCompress({ params }), sizes.zstdCompressSize, { idle: 5304 });
    }
    const flagged = { [constants.ZSTD_c_checksumFlag]: 1 };
    await compare('level with a flag', () => zlib.createZstdCompress({ params: flagged }), sizes.zstdCompressSize, { idle: 5304 });
    const tuned = { [constants.ZSTD_c_windowLog]: 12 };
    await compare('tuned', () => zlib.createZstdCompress({ params: tuned }), sizes.zstdCompressSize, { idle: 5304 });
    await compare('pledged', () => zlib.createZstdCompress({ pledgedSrcSize: 100 }), sizes.zstdCompressSize, { idle: 5304 });
    const write = zlib.zstdCompressSync(text(100_000)).subarray(0, 9000);
    await compare('inflating', () => zlib.createZstdDecompress(), sizes.zstdDecompressSize, { write, idle: 95_992 });`);
  expect(cases).toHaveLength(11);
  for (const { name, told, truth } of cases) {
    expect(told, name).toBeLessThanOrEqual(truth * 1.001);
    if (name.startsWith('level')) expect(told, name).toBeGreaterThan(truth * 0.99);
  }
});
