// SPDX-License-Identifier: MIT
// A store for each request in AsyncLocalStorage, held by work that never ends.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

export const calls = 1200;
const storage = new AsyncLocalStorage();
let jobs = [];
const begin = () => jobs.push(new AsyncResource('job'));

export function leak(n) {
  const store = { request: n, trail: new Array(2000).fill(n) }; // leaks
  storage.run(store, begin);
}

export function forget() {
  jobs = [];
}
