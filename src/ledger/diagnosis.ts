// SPDX-License-Identifier: MIT
// A sentence that says what made memory grow, if one kind of memory did.
import type { LedgerRowDiff } from './rows.js';

// Less growth than this is normal fluctuation.
const LEAST_GROWTH = 4 * 1024 * 1024;
const LEAST_SHARE = 0.8;

const SUBJECTS: Readonly<Record<string, string>> = {
  heap: 'JavaScript objects in the heap of the main thread',
  v8: 'memory of V8 outside the heaps above: threads that do not trace, pages kept for later',
  arrayBuffers: 'Buffers and ArrayBuffers',
  external: 'native memory that JavaScript objects hold, such as zlib streams',
  malloc: 'malloc memory that native code or another thread holds',
  mallocFree: 'malloc memory that is free but not returned to the system',
  wasm: 'WebAssembly memory',
  code: 'compiled code',
  stacks: 'thread stacks',
  files: 'files and shared memory',
  otherAnonymous: 'memory that native code mapped without V8 or malloc',
};

export function diagnose(rows: readonly LedgerRowDiff[], rssDiff: number): string | undefined {
  if (rssDiff < LEAST_GROWTH) return undefined;
  const grown = rows.filter(({ bytesDiff }) => bytesDiff > 0);
  // Where some rows shrank, the others grew by more than RSS.
  const growth = Math.max(rssDiff, sum(grown));
  const [largest] = grown;
  if (largest === undefined) return undefined;
  const subject =
    SUBJECTS[largest.name] ?? `JavaScript objects in the heap of ${workerOf(largest)}`;
  return sentence(subject, largest.bytesDiff / growth) ?? workersSentence(grown, growth);
}

// Workers' rows lack what was allocated since their last garbage collections. If that may be most of
// row `v8`, it may as well be something else.
function workersSentence(grown: readonly LedgerRowDiff[], growth: number): string | undefined {
  const workers = grown.filter(({ name }) => name.startsWith('heap:'));
  const [first] = workers;
  if (first === undefined) return undefined;
  const [ofWorkers, rest] = [sum(workers), sum(grown.filter(({ name }) => name === 'v8'))];
  const heaps =
    workers.length === 1
      ? `the heap of ${workerOf(first)}`
      : `the heaps of ${workers.length} workers`;
  const subject =
    ofWorkers < rest
      ? `memory of V8, in ${heaps} or in threads that do not trace`
      : `JavaScript objects in ${heaps}`;
  return sentence(subject, (ofWorkers + rest) / growth);
}

function sentence(subject: string, share: number): string | undefined {
  if (share < LEAST_SHARE) return undefined;
  return `${Math.floor(share * 100)} % of the growth is ${subject}`;
}

function workerOf({ name }: LedgerRowDiff): string {
  return `worker ${name.slice(name.indexOf(':') + 1)}`;
}

function sum(rows: readonly LedgerRowDiff[]): number {
  return rows.reduce((total, { bytesDiff }) => total + bytesDiff, 0);
}
