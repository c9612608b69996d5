// SPDX-License-Identifier: MIT
// Real leaks, each in a process of its own: the ledger explains the growth of RSS and names its kind.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { evaluate, PACKAGE } from '../support/child.js';

const PROBE = fileURLToPath(
  new URL(
    `../../build/abi${process.versions.modules}/build/Release/tracemalloc_probe.node`,
    import.meta.url,
  ),
);

interface Growth {
  rssDiff: number;
  unexplainedDiff: number;
  rows: { name: string; bytesDiff: number }[];
  diagnosis?: string;
}

const MIB = 1024 * 1024;
const leaked = 128 * MIB;

/** Runs a leak between two ledgers. */
function grow(leak: string, prepare = ''): Promise<Growth> {
  return evaluate<Growth>(
    `
    import { createRequire } from 'node:module';
    const probe = createRequire(import.meta.url)(${JSON.stringify(PROBE)});
    const kept = (globalThis.kept = []);
    ${prepare}
    tracemalloc.getMemoryLedger();
    const before = tracemalloc.getMemoryLedger();
    ${leak}
    report(tracemalloc.getMemoryLedger().compareTo(before));
    process.exit();`,
    { args: ['--expose-gc'] },
  );
}

/** Rows that say what it is; the catch-alls explain nothing. */
function expectExplained(growth: Growth, catchAlls = ['otherAnonymous', 'v8']): void {
  expect(growth.rssDiff).toBeGreaterThan(leaked / 2);
  const named = growth.rows.filter(({ name }) => !catchAlls.includes(name));
  const share = named.reduce((sum, { bytesDiff }) => sum + bytesDiff, 0) / growth.rssDiff;
  expect(share, JSON.stringify(growth)).toBeGreaterThanOrEqual(0.9);
  expect(share, JSON.stringify(growth)).toBeLessThanOrEqual(1.1);
}

test.each([
  {
    leak: 'large Buffers',
    code: 'for (let i = 0; i < 128; i++) kept.push(Buffer.alloc(1024 * 1024, 1));',
    diagnosis: /^\d+ % of the growth is Buffers and ArrayBuffers$/,
  },
  {
    leak: 'small Buffers',
    code: 'for (let i = 0; i < 32 * 1024; i++) kept.push(Buffer.alloc(4096, 1));',
    diagnosis: /is Buffers and ArrayBuffers$/,
  },
  {
    leak: 'a Map',
    code: `const map = new Map();
      for (let i = 0; i < 350_000; i++) map.set('key ' + i, { id: i, tags: new Array(40).fill(i) });
      kept.push(map);`,
    diagnosis: /is JavaScript objects in the heap of the main thread$/,
  },
  {
    leak: 'malloc by native code, small blocks',
    code: 'probe.hold(128 * 1024, 1024);',
    diagnosis: /is malloc memory that native code or another thread holds$/,
  },
  {
    leak: 'malloc by native code, large blocks',
    code: 'probe.hold(32, 4 * 1024 * 1024);',
    diagnosis: /is malloc memory that native code or another thread holds$/,
  },
  {
    leak: 'malloc fragmentation',
    code: 'probe.hold(128 * 1024, 1024); probe.release(16);',
    diagnosis: /is malloc memory that is free but not returned to the system$/,
  },
  {
    leak: 'zlib streams',
    code: `for (let i = 0; i < 512; i++) {
        const stream = zlib.createDeflate({ chunkSize: 1024 }).resume();
        await new Promise((resolve) => stream.write(noise, resolve));
        kept.push(stream);
        if (i % 32 === 0) gc();
      }`,
    prepare: `import zlib from 'node:zlib';
      import { randomBytes } from 'node:crypto';
      const noise = randomBytes(1024); // little, as what comes out is held in Buffers`,
    diagnosis: /is native memory that JavaScript objects hold, such as zlib streams$/,
  },
  {
    leak: 'WebAssembly memory',
    code: `const memory = new WebAssembly.Memory({ initial: 2048 });
      new Uint8Array(memory.buffer).fill(1);
      kept.push(memory);`,
    diagnosis: /is WebAssembly memory$/,
  },
])('$leak', async ({ code, prepare, diagnosis }) => {
  const growth = await grow(code, prepare);
  expectExplained(growth);
  expect(growth.diagnosis).toMatch(diagnosis);
});

test('five workers that trace', async () => {
  const worker = `
    import * as tracemalloc from ${JSON.stringify(PACKAGE)};
    import { parentPort } from 'node:worker_threads';
    tracemalloc.start();
    const kept = [];
    parentPort.on('message', () => {
      for (let i = 0; i < 400_000; i++) kept.push({ id: i, tags: [i] });
      parentPort.postMessage('done');
    });
    parentPort.postMessage('ready');`;
  const growth = await grow(
    `for (const worker of workers) worker.postMessage('go');
    await all('done');`,
    `import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const source = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(worker)}));
    const workers = Array.from({ length: 5 }, () => new Worker(source));
    const all = () => Promise.all(workers.map((worker) => once(worker, 'message')));
    await all('ready');`,
  );
  // Other threads' heaps are those of their last collections; what came after is V8's all the same.
  expectExplained(growth, ['otherAnonymous']);
  expect(growth.diagnosis).toMatch(/is JavaScript objects in the heaps of 5 workers$/);
  const heaps = growth.rows.filter(({ name }) => name.startsWith('heap:'));
  expect(heaps.map(({ bytesDiff }) => bytesDiff > 16 * MIB)).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
});

test('a row of a worker is of its last full collection, however often it collects', async () => {
  const gaps = await evaluate<number[]>(
    `
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(\`
      import * as tracemalloc from ${JSON.stringify(PACKAGE)};
      import { parentPort } from 'node:worker_threads';
      import { getHeapSpaceStatistics } from 'node:v8';
      tracemalloc.start();
      const kept = [];
      // Numbers are many pages to measure and nothing to mark, so that collections follow at once.
      const hold = (count) => {
        for (let i = 0; i < count; i++) kept.push(new Array(12_000).fill(i + 0.5));
      };
      hold(2000);
      parentPort.on('message', () => {
        for (let i = 0; i < 5; i++) {
          hold(20);
          gc();
        }
        parentPort.postMessage(getHeapSpaceStatistics()
          .filter(({ space_name }) => !space_name.startsWith('code_'))
          .reduce((sum, { physical_space_size }) => sum + physical_space_size, 0));
      });\`)));
    const gaps = [];
    for (let i = 0; i < 20; i++) {
      worker.postMessage('more');
      const [size] = await once(worker, 'message');
      const row = tracemalloc.getMemoryLedger().rows.find(({ name }) => name === 'heap:1');
      gaps.push(Math.abs(row.bytes - size));
    }
    report(gaps);
    process.exit();`,
    { args: ['--expose-gc'] },
  );
  // What a message allocates, and what V8 sweeps meanwhile.
  expect(Math.max(...gaps)).toBeLessThan(MIB);
});

test('a worker that ends takes its row with it', async () => {
  const names = await evaluate<string[][]>(`
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const source = new URL('data:text/javascript,' + encodeURIComponent(\`
      import * as tracemalloc from ${JSON.stringify(PACKAGE)};
      import { parentPort } from 'node:worker_threads';
      tracemalloc.start();
      parentPort.once('message', () => {});
      parentPort.postMessage('ready');\`));
    const heaps = () => tracemalloc.getMemoryLedger().rows
      .map(({ name }) => name).filter((name) => name.startsWith('heap'));
    const worker = new Worker(source);
    await once(worker, 'message');
    const during = heaps();
    await worker.terminate();
    report([during, heaps()]);`);
  expect(names).toEqual([['heap', 'heap:1'], ['heap']]);
});

test('read while workers begin and end', async () => {
  const outcome = await evaluate<{ readings: number; left: string[] }>(`
    import { Worker } from 'node:worker_threads';
    import { once } from 'node:events';
    const source = new URL('data:text/javascript,' + encodeURIComponent(\`
      import * as tracemalloc from ${JSON.stringify(PACKAGE)};
      tracemalloc.start();
      const kept = [];
      for (let i = 0; i < 100_000; i++) kept.push({ id: i });
      if (tracemalloc.getMemoryLedger().rows.length === 0) throw new Error('no rows');\`));
    let readings = 0;
    for (let round = 0; round < 3; round++) {
      const workers = Array.from({ length: 4 }, () => new Worker(source));
      let running = workers.length;
      const ended = workers.map((worker) => once(worker, 'exit').then(() => running--));
      workers[0].once('online', () => workers[0].terminate());
      while (running > 0) {
        tracemalloc.getMemoryLedger();
        readings++;
        await new Promise(setImmediate);
      }
      await Promise.all(ended);
    }
    const left = tracemalloc.getMemoryLedger().rows.map(({ name }) => name);
    report({ readings, left: left.filter((name) => name.startsWith('heap')) });`);
  expect(outcome.readings).toBeGreaterThan(0);
  expect(outcome.left).toEqual(['heap']);
});
