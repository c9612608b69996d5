// SPDX-License-Identifier: MIT
// 200 MB leaked in each way that services do it: the right line, and the bytes. With everything
// traced the figure is exact; sampled, it may be off by what its own standard error says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const MB = 1e6;
const directory = mkdtempSync(join(tmpdir(), 'buffers-'));
beforeAll(() => writeFileSync(join(directory, 'file'), Buffer.alloc(MB)));
afterAll(() => rmSync(directory, { recursive: true }));

interface Row {
  readonly name: string;
  readonly size: number;
  readonly error: number;
  readonly types: string[];
}

// Live buffers by the innermost function that is not Node's; else by Node's module, or the label.
// Streams' native state is apart, by its type.
const TOOLS = `
  import fs from 'node:fs';
  import http from 'node:http';
  import zlib from 'node:zlib';
  import { once } from 'node:events';
  const FILE = ${JSON.stringify(join(directory, 'file'))};
  const rows = () => {
    const named = new Map();
    for (const trace of tracemalloc.takeSnapshot().traces) {
      if (trace.domain !== 'buffer') continue;
      const innermost = [...trace.traceback.frames].reverse();
      const own = innermost.find((f) => !f.isInternal);
      const stream = trace.types.find(({ type }) => type.endsWith(' stream'))?.type;
      const name =
        stream ?? own?.functionName ?? innermost.find((f) => !/buffer$/.test(f.filename)).filename;
      const row = named.get(name) ?? { name, size: 0, variance: 0, types: [] };
      row.size += trace.size;
      row.variance += trace.variance;
      row.types = [...new Set([...row.types, ...trace.types.map((t) => t.type)])];
      named.set(name, row);
    }
    return [...named.values()].sort((a, b) => b.size - a.size)
      .map(({ variance, ...row }) => ({ ...row, error: Math.sqrt(variance) }));
  };
  globalThis.kept = [];
`;

const LEAKS = {
  buffers: `
    function leak() { kept.push(Buffer.alloc(20_000)); Buffer.alloc(30_000); }
    for (let i = 0; i < 10_000; i++) leak();`,
  'pool slices': `
    function leak() { kept.push(Buffer.allocUnsafe(1000)); }
    for (let i = 0; i < 200_000; i++) leak();`,
  'zlib objects': `
    async function leak() {
      const stream = zlib.createDeflate({ chunkSize: 500_000 });
      await new Promise((resolve) => stream.write('some input', resolve));
      kept.push(stream);
    }
    for (let i = 0; i < 400; i++) await leak();`,
  'file chunks': `
    async function leak() {
      for await (const chunk of fs.createReadStream(FILE)) kept.push(chunk);
    }
    for (let i = 0; i < 200; i++) await leak();`,
  'request bodies': `
    const server = http.createServer((request, response) => {
      request.on('data', (chunk) => kept.push(chunk)).on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new http.Agent({ keepAlive: true });
    const body = 'x'.repeat(2_000_000);
    for (let i = 0; i < 100; i++) {
      const request = http.request({ port: server.address().port, method: 'POST', agent });
      request.end(body);
      const [response] = await once(request, 'response');
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    server.close();`,
};

const run = (leak: keyof typeof LEAKS, sampleInterval: number): Promise<Row[]> =>
  evaluate<Row[]>(
    `${TOOLS}
    tracemalloc.start({ sampleInterval: ${sampleInterval}, domains: ['buffer'] });
    ${LEAKS[leak]}
    gc();
    // What V8 frees on its own threads is gone soon after.
    await new Promise((resolve) => setTimeout(resolve, 200));
    report(rows());`,
    { args: ['--expose-gc'] },
  );

const NAMES = {
  buffers: 'leak',
  'pool slices': 'leak',
  'zlib objects': 'leak',
  // Node reads ahead with no line of the application on the stack.
  'file chunks': 'node:internal/fs/streams',
  'request bodies': '(http body)',
};

// What slabs of a pool take for 200 MB of slices: no slice fits in the room at their ends.
const IN_SLABS = (200 * MB * Buffer.poolSize) / (1000 * Math.floor(Buffer.poolSize / 1000));

test.each(Object.keys(LEAKS) as (keyof typeof LEAKS)[])('%s: all of them', async (leak) => {
  const [first] = await run(leak, 1);
  expect(first?.name).toBe(NAMES[leak]);
  expect(first?.size).toBeGreaterThan(200 * MB * 0.99);
  expect(first?.size).toBeLessThan((leak === 'pool slices' ? IN_SLABS : 200 * MB) * 1.01);
  expect(first?.types).toEqual([leak === 'pool slices' ? 'Buffer pool' : 'ArrayBuffer']);
});

test.each(Object.keys(LEAKS) as (keyof typeof LEAKS)[])('%s: sampled', async (leak) => {
  const [first] = await run(leak, 64 * 1024);
  expect(first?.name).toBe(NAMES[leak]);
  const { size, error } = first as Row;
  expect(error).toBeLessThan(200 * MB * 0.1);
  const truth = leak === 'pool slices' ? IN_SLABS : 200 * MB;
  // Five errors: the error is an estimate, too, and low where the size is.
  expect(Math.abs(size - truth)).toBeLessThan(5 * error);
});

test('memory of V8 that no allocation was seen of: one row, with its bytes', async () => {
  const rows = await evaluate<Row[]>(
    `${TOOLS}
    tracemalloc.start({ sampleInterval: 1, domains: ['buffer'] });
    for (let i = 0; i < 20; i++) kept.push(new ArrayBuffer(1e7, { maxByteLength: 2e7 }));
    kept.push(new ArrayBuffer(1e6));
    report(rows());`,
  );
  expect(rows[0]).toMatchObject({ name: '(not attributable)', error: 0, types: [] });
  expect(rows[0]?.size).toBeGreaterThan(200 * MB * 0.99);
  expect(rows[0]?.size).toBeLessThan(200 * MB * 1.01);
});

test('nothing is called not attributable where there is no such memory', async () => {
  const rows = await evaluate<Row[]>(
    `${TOOLS}
    kept.push(new ArrayBuffer(1e7, { maxByteLength: 2e7 }));
    tracemalloc.start({ sampleInterval: 1, domains: ['buffer'] });
    for (let i = 0; i < 50; i++) kept.push(Buffer.alloc(1e6), new SharedArrayBuffer(1e6));
    report(rows());`,
  );
  expect(rows.map((row) => row.name)).not.toContain('(not attributable)');
});

test('WebAssembly memory: one row, with its bytes', async () => {
  const [first] = await evaluate<Row[]>(
    `${TOOLS}
    tracemalloc.start({ sampleInterval: 1, domains: ['buffer'] });
    for (let i = 0; i < 20; i++) kept.push(new WebAssembly.Memory({ initial: 160 }));
    report(rows());`,
  );
  expect(first?.name).toBe('(not attributable)');
  expect(first?.size).toBeGreaterThan(20 * 160 * 65_536 * 0.99);
  expect(first?.size).toBeLessThan(20 * 160 * 65_536 * 1.01);
});
