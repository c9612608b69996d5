// SPDX-License-Identifier: MIT
// V8's flags are the process's: a thread that stops must leave them to the others that still trace,
// and the last one restores them. Code caches stay valid meanwhile.
import { expect, test } from 'vitest';
import { evaluate, PACKAGE, REGISTER, run } from '../support/child.js';

// V8 tells no flag's value, but a tag that depends on all of them, computed anew when one changes.
const TAG_OF_FLAGS = `
    const { cachedDataVersionTag, setFlagsFromString } = await import('node:v8');
    const tagOfFlags = () => {
      for (const percent of [1, 0]) setFlagsFromString('--heap-growing-percent=' + percent);
      return cachedDataVersionTag();
    };`;

const WORKER = `
import { parentPort } from 'node:worker_threads';
import * as tracemalloc from ${JSON.stringify(PACKAGE)};
parentPort.on('message', (name) => {
  if (name === 'end') return parentPort.close();
  tracemalloc[name]();
  parentPort.postMessage(name);
});
`;

test('flags stay as tracing needs them until the last thread stops', async () => {
  const tags = await evaluate<Record<string, number>>(`
    const { Worker } = await import('node:worker_threads');
    const { once } = await import('node:events');
    ${TAG_OF_FLAGS}
    const code = encodeURIComponent(${JSON.stringify(WORKER)});
    const worker = new Worker(new URL('data:text/javascript,' + code));
    const ask = async (name) => {
      worker.postMessage(name);
      await once(worker, 'message');
      return tagOfFlags();
    };
    const untraced = tagOfFlags();
    const workerTraces = await ask('start');
    tracemalloc.start();
    tracemalloc.stop();
    const mainStopped = tagOfFlags();
    const allStopped = await ask('stop');
    worker.postMessage('end');
    report({ untraced, workerTraces, mainStopped, allStopped });
  `);
  expect(tags.workerTraces).not.toBe(tags.untraced);
  expect(tags.mainStopped).toBe(tags.workerTraces);
  expect(tags.allStopped).toBe(tags.untraced);
});

test('a thread that is terminated while it traces, as the last, puts the flags back', async () => {
  const tags = await evaluate<Record<string, number>>(`
    const { Worker } = await import('node:worker_threads');
    const { once } = await import('node:events');
    ${TAG_OF_FLAGS}
    const untraced = tagOfFlags();
    const code = encodeURIComponent(${JSON.stringify(WORKER)});
    const worker = new Worker(new URL('data:text/javascript,' + code));
    worker.postMessage('start');
    await once(worker, 'message');
    const traced = tagOfFlags();
    await worker.terminate();
    report({ untraced, traced, terminated: tagOfFlags() });
  `);
  expect(tags.traced).not.toBe(tags.untraced);
  expect(tags.terminated).toBe(tags.untraced);
});

// Each tries its stack walker with V8's test functions, which are a flag, too.
test('threads that start at the same moment all have lines', async () => {
  const statuses = await evaluate<{ precision: string; reason: string }[]>(`
    const { Worker } = await import('node:worker_threads');
    const { once } = await import('node:events');
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const code = \`
      import { parentPort, workerData } from 'node:worker_threads';
      import * as tracemalloc from ${JSON.stringify(PACKAGE)};
      Atomics.add(workerData, 1, 1);
      Atomics.wait(workerData, 0, 0);
      tracemalloc.start();
      const { precision, reason } = tracemalloc.status();
      parentPort.postMessage({ precision, reason });\`;
    const url = new URL('data:text/javascript,' + encodeURIComponent(code));
    const statuses = [];
    for (let round = 0; round < 4; round++) {
      gate.fill(0);
      const workers = Array.from({ length: 6 }, () => new Worker(url, { workerData: gate }));
      const answers = workers.map((worker) => once(worker, 'message'));
      while (Atomics.load(gate, 1) < 6) await new Promise((resolve) => setTimeout(resolve, 1));
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
      for (const [status] of await Promise.all(answers)) statuses.push(status);
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
    report(statuses);
  `);
  expect(statuses).toHaveLength(24);
  for (const status of statuses) expect(status).toEqual({ precision: 'line', reason: '' });
});

/** A script compiled in a fresh process after `body`, from the cache if there is one. */
async function compiled(
  body: string,
  cache?: string,
): Promise<{ cache: string; rejected?: boolean }> {
  return await evaluate(`
    const { Script } = await import('node:vm');
    const cachedData = ${cache === undefined ? 'undefined' : `Buffer.from('${cache}', 'base64')`};
    ${body}
    const script = new Script('const pair = (a) => [a, { a }]; pair(1);', { cachedData });
    const cache = script.createCachedData().toString('base64');
    report({ cache, rejected: script.cachedDataRejected });`);
}

test('code caches are good for traced and untraced processes', async () => {
  const [start, stopped] = ['tracemalloc.start();', 'tracemalloc.start(); tracemalloc.stop();'];
  const untraced = await compiled('');
  const traced = await compiled(start);
  for (const { cache } of [untraced, traced]) {
    for (const body of ['', start, stopped]) {
      expect((await compiled(body, cache)).rejected, body).toBe(false);
    }
  }
  // While this thread traces another one tries its stack walker.
  const another = `
    ${start}
    const { Worker } = await import('node:worker_threads');
    const { once } = await import('node:events');
    const code = encodeURIComponent(${JSON.stringify(WORKER)});
    const worker = new Worker(new URL('data:text/javascript,' + code));
    worker.postMessage('start');
    await once(worker, 'message');
    worker.unref();`;
  expect((await compiled(another, untraced.cache)).rejected).toBe(false);
  const otherFlags = "(await import('node:v8')).setFlagsFromString('--heap-growing-percent=1');";
  expect((await compiled(otherFlags, untraced.cache)).rejected).toBe(true);
});

test("Node's own modules come from its code cache in a traced service", async () => {
  const { code, stdout, stderr } = await run(
    `import 'node:http';
    import { createRequire } from 'node:module';
    const { internalBinding } = createRequire(import.meta.url)('internal/test/binding');
    const { compiledWithCache, compiledWithoutCache } = internalBinding('builtins').getCacheUsage();
    console.log(JSON.stringify([compiledWithCache.size, [...compiledWithoutCache]]));`,
    {
      args: ['--require', REGISTER, '--expose-internals', '--no-warnings'],
      env: { TRACEMALLOC: '1' },
    },
  );
  expect(code, stderr).toBe(0);
  const [fromCache, fromSource] = JSON.parse(stdout) as [number, string[]];
  expect(fromSource).toEqual([]);
  expect(fromCache).toBeGreaterThan(40);
});
