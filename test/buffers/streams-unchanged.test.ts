// SPDX-License-Identifier: MIT
// What a program can see of node:zlib is the same with and without tracing, but the source text of
// the methods of Node's handles.
import { beforeAll, expect, test } from 'vitest';
import { evaluate, PACKAGE, run } from '../support/child.js';

// Notes what it sees under names. Stacks have the same lines in both runs.
const SCRIPT = `
  import http from 'node:http';
  import { once } from 'node:events';
  import { pipeline } from 'node:stream/promises';
  import { inspect, promisify } from 'node:util';
  import zlib from 'node:zlib';
  if (process.env.TRACED) tracemalloc.start({ sampleInterval: 1 });
  const seen = {};
  const errorOf = (call) => { try { call(); return 'none'; } catch (error) { return error; } };
  const shown = (error) => [error.name, error.message, error.code, error.stack, Reflect.ownKeys(error),
    inspect(Object.getOwnPropertyDescriptor(error, 'stack')), inspect(error)];

  const handles = { zlib: zlib.createDeflate(), encoder: zlib.createBrotliCompress(), decoder: zlib.createBrotliDecompress() };
  if (zlib.createZstdCompress) Object.assign(handles, { zstd: zlib.createZstdCompress(), unzstd: zlib.createZstdDecompress() });
  for (const [name, { _handle }] of Object.entries(handles)) {
    const prototype = Object.getPrototypeOf(_handle);
    seen[name + ' keys'] = [Reflect.ownKeys(_handle).map(String), Reflect.ownKeys(prototype).map(String)];
    for (const method of ['init', 'close']) {
      const { value, ...flags } = Object.getOwnPropertyDescriptor(prototype, method);
      seen[name + ' ' + method] = [flags, value.name, value.length, Reflect.ownKeys(value),
        inspect(value), typeof value, Object.getPrototypeOf(value) === Function.prototype,
        Object.prototype.toString.call(value)];
      seen[name + ' ' + method + ' of nothing'] = shown(errorOf(() => value.call({})));
      seen[name + ' new ' + method] = shown(errorOf(() => new value()));
    }
  }

  const { BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING: flag, ZSTD_c_strategy } = zlib.constants;
  seen['wrong for brotli'] = shown(errorOf(() => zlib.createBrotliCompress({ params: { [flag]: 7 } })));
  seen['wrong for brotli, sync'] = shown(errorOf(() => zlib.brotliCompressSync('x', { params: { [flag]: 7 } })));
  if (zlib.createZstdCompress) {
    seen['wrong for zstd'] = shown(errorOf(() => zlib.createZstdCompress({ params: { [ZSTD_c_strategy]: 77 } })));
  }
  seen['wrong windowBits'] = shown(errorOf(() => zlib.createGzip({ windowBits: 99 })));
  seen['wrong chunkSize'] = shown(errorOf(() => zlib.createGzip({ chunkSize: 1 })));
  seen['wrong data, sync'] = shown(errorOf(() => zlib.gunzipSync('no such data')));
  seen['wrong data'] = shown(await promisify(zlib.gunzip)('no such data').catch((error) => error));
  Error.stackTraceLimit = 1;
  seen['short stack'] = shown(errorOf(() => zlib.createBrotliCompress({ params: { [flag]: 7 } })));
  Error.stackTraceLimit = 10;
  Error.prepareStackTrace = (error, sites) => sites.map(String).join();
  seen['stacks of its own'] = errorOf(() => zlib.createBrotliCompress({ params: { [flag]: 7 } })).stack;
  Error.prepareStackTrace = undefined;
  const recurse = () => { try { return recurse(); } catch (error) { return zlib.createGzip && error.name; } };
  seen['no stack left'] = recurse();
  seen['closed twice'] = (() => { const s = zlib.createGzip(); s.close(); s.close(); return s.destroyed; })();

  class Own extends zlib.Gzip { constructor() { super({ level: 1 }); this.own = 1; } }
  const own = new Own();
  own.end('text');
  seen.subclass = [own.own, own instanceof zlib.Gzip, zlib.gunzipSync(Buffer.concat(await own.toArray())).toString()];
  const text = 'text '.repeat(10_000);
  seen.sync = zlib.gunzipSync(zlib.gzipSync(text)).toString() === text;
  seen.brotli = zlib.brotliDecompressSync(zlib.brotliCompressSync(text)).toString() === text;
  seen.promised = (await promisify(zlib.inflate)(await promisify(zlib.deflate)(text))).toString() === text;
  const out = zlib.createGunzip();
  const read = out.toArray();
  await pipeline([text], zlib.createGzip(), out);
  seen.piped = Buffer.concat(await read).toString() === text;
  const raw = zlib.createDeflateRaw({ level: 1 });
  await promisify(raw.params.bind(raw))(9, 0);
  raw.reset();
  seen.params = raw._level;

  const server = http.createServer((_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(zlib.gzipSync(text));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = 'http://127.0.0.1:' + server.address().port;
  seen.fetched = (await (await fetch(url)).text()) === text;
  server.close();
  server.closeAllConnections();
  if (process.env.TRACED) {
    // Were all this not watched, it would be no wonder that nothing changed.
    seen.rows = tracemalloc.takeSnapshot().traces.filter(({ allocatedCount, traceback }) =>
      allocatedCount > 0 && /zlib$/.test(traceback.at(-1).filename)).length;
  }
  report(seen);
`;

const runs: Record<string, unknown>[] = [];

beforeAll(async () => {
  for (const env of [{}, { TRACED: '1' }]) runs.push(await evaluate(SCRIPT, { env }));
});

test('nothing that a program sees is another', () => {
  const [plain, { rows, ...traced } = {}] = runs;
  expect(traced).toEqual(plain);
  expect(rows).toBeGreaterThan(3);
});

test('a process that dies of an error of zlib says the same', async () => {
  const dying = (start: string) =>
    run(`
      import zlib from 'node:zlib';
      import * as tracemalloc from ${JSON.stringify(PACKAGE)};
      ${start}
      const { BROTLI_PARAM_DISABLE_LITERAL_CONTEXT_MODELING: flag } = zlib.constants;
      zlib.createBrotliCompress({ params: { [flag]: 7 } });`);
  const plain = await dying('');
  expect(plain.stderr).toContain('ERR_ZLIB_INITIALIZATION_FAILED');
  expect(await dying('tracemalloc.start();')).toEqual(plain);
});

test('random numbers are the same for the same seed', async () => {
  const script = (start: string) => `
    import zlib from 'node:zlib';
    ${start}
    for (let i = 0; i < 100; i++) zlib.gzipSync('x');
    report(Math.random());`;
  const options = { args: ['--random-seed=7'] };
  const traced = await evaluate(script("tracemalloc.start({ domains: ['buffer'] });"), options);
  expect(traced).toBe(await evaluate(script(''), options));
});

test("stop() restores Node's methods, and leaves alone what others put over ours", async () => {
  const seen = await evaluate<Record<string, boolean>>(`
    import zlib from 'node:zlib';
    const prototype = Object.getPrototypeOf(zlib.createGzip()._handle);
    const { init, close } = prototype;
    const untouched = () => prototype.init === init && prototype.close === close;
    const seen = {};
    tracemalloc.start();
    seen.watched = prototype.init !== init && prototype.close !== close;
    tracemalloc.stop();
    seen.restored = untouched();
    tracemalloc.start();
    const watched = prototype.init;
    let calls = 0;
    function others(...args) { calls++; return watched.apply(this, args); }
    prototype.init = others;
    tracemalloc.stop();
    zlib.gunzipSync(zlib.gzipSync('x'));
    seen.theirs = prototype.init === others && prototype.close === close && calls === 2;
    tracemalloc.start({ sampleInterval: 1 });
    const kept = zlib.createGzip();
    await new Promise((resolve) => kept.write('x', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    seen.again = tracemalloc.takeSnapshot().traces.some((t) => t.types[0]?.type === 'zlib stream');
    tracemalloc.stop();
    seen.theirsAgain = prototype.init === others;
    tracemalloc.start({ domains: ['heap'] });
    seen.heapOnly = prototype.close === close;
    report(seen);`);
  expect(seen).toEqual({
    watched: true,
    restored: true,
    theirs: true,
    again: true,
    theirsAgain: true,
    heapOnly: true,
  });
});
