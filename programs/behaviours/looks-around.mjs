// SPDX-License-Identifier: MIT
// Prints what it can observe of its process, and ends by itself, since nothing keeps it alive.
import { AsyncLocalStorage, createHook, executionAsyncId } from 'node:async_hooks';
import { keep } from './keep.mjs';

const storage = new AsyncLocalStorage();
const types = new Set();
createHook({ init: (_id, type) => types.add(type) }).enable();
await storage.run('inside', async () => {
  await null;
  console.log(storage.getStore(), executionAsyncId() > 0);
});
console.log(process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap'));
console.log(process.execArgv, process.argv.length, process.exitCode);
console.log(Object.keys(globalThis).join());
console.log(['exit', 'SIGTERM', 'SIGINT'].map((name) => process.emit('none', name)));
console.log(process.getMaxListeners() >= 10, process.title.length > 0, keep());
