// SPDX-License-Identifier: MIT
// Runs in each worker of the process that `tracemalloc attach` names.
import { shareSnapshots } from '../service/process-snapshot.js';
import { isTracing, start, stop } from '../tracer.js';
import type { AttachOptions } from './protocol.js';

let isOurs = false;

export function beginInWorker(options: AttachOptions): void {
  if (isTracing()) return;
  start(options);
  isOurs = true;
  shareSnapshots();
}

export function endInWorker(): void {
  if (isOurs) stop();
  isOurs = false;
}
