// SPDX-License-Identifier: MIT
// A listener for each request, never removed, whose closure holds the request's data.
import { EventEmitter } from 'node:events';

export const calls = 2500;
const changes = new EventEmitter().setMaxListeners(0);

export function leak(n) {
  const history = new Array(1000).fill(n); // leaks
  changes.on('change', () => history.length);
}

export const forget = () => changes.removeAllListeners();
