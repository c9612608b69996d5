// SPDX-License-Identifier: MIT
// V8's flags are the process's: a thread that stops must leave them to the others that still trace,
// and the last one restores them. V8 tells no flag's value, but a tag that depends on all of them.
import { expect, test } from 'vitest';
import { evaluate, PACKAGE } from '../support/child.js';

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
    const { cachedDataVersionTag } = await import('node:v8');
    const code = encodeURIComponent(${JSON.stringify(WORKER)});
    const worker = new Worker(new URL('data:text/javascript,' + code));
    const ask = async (name) => {
      worker.postMessage(name);
      await once(worker, 'message');
      return cachedDataVersionTag();
    };
    const untraced = cachedDataVersionTag();
    const workerTraces = await ask('start');
    tracemalloc.start();
    tracemalloc.stop();
    const mainStopped = cachedDataVersionTag();
    const allStopped = await ask('stop');
    worker.postMessage('end');
    report({ untraced, workerTraces, mainStopped, allStopped });
  `);
  expect(tags.workerTraces).not.toBe(tags.untraced);
  expect(tags.mainStopped).toBe(tags.workerTraces);
  expect(tags.allStopped).toBe(tags.untraced);
});
