// SPDX-License-Identifier: MIT
// The facts of a snapshot that is merged from several.
import type { SnapshotFacts } from '../traces/facts.js';
import { mergeSampling } from '../traces/sampling.js';

export function mergeFacts(all: readonly SnapshotFacts[]): SnapshotFacts {
  const largest = (figure: (facts: SnapshotFacts) => number) =>
    all.reduce((most, facts) => Math.max(most, figure(facts)), 0);
  const processes = all.map((facts) => facts.process);
  // Workers share their process's pid; its latest reading counts.
  const byTime = [...all].sort((a, b) => a.timestamp - b.timestamp);
  const usages = new Map(byTime.map(({ process }) => [process.pid, process.memoryUsage]));
  const ledger = byTime.findLast(({ process }) => process.ledger !== undefined)?.process.ledger;
  const isOneProcess = usages.size === 1;
  // The main thread's history, if it is among them: a worker's covers only its own heap.
  const [history] = [...processes]
    .sort((a, b) => a.threadId - b.threadId)
    .flatMap((facts) => (facts.history === undefined ? [] : [facts.history]));
  const retainers = processes.flatMap((facts) => facts.retainers ?? []);
  const memory = (key: keyof NodeJS.MemoryUsage) =>
    [...usages.values()].reduce((sum, usage) => sum + usage[key], 0);
  return {
    tracebackLimit: largest((facts) => facts.tracebackLimit),
    sampleInterval: largest((facts) => facts.sampleInterval),
    sampling: mergeSampling(all.flatMap(({ sampling }) => sampling ?? [])),
    timestamp: largest((facts) => facts.timestamp),
    duration: largest((facts) => facts.duration ?? 0) || undefined,
    ...(all.some(({ survivors }) => survivors) ? { survivors: true } : {}),
    ...mergeTimes(all),
    domains: [...new Set(all.flatMap((facts) => facts.domains))],
    precision: all.some((facts) => facts.precision === 'function') ? 'function' : 'line',
    process: {
      pid: same(processes.map(({ pid }) => pid)) ?? 0,
      threadId: same(processes.map(({ threadId }) => threadId)) ?? 0,
      nodeVersion: same(processes.map(({ nodeVersion }) => nodeVersion)) ?? '',
      memoryUsage: {
        rss: memory('rss'),
        heapTotal: memory('heapTotal'),
        heapUsed: memory('heapUsed'),
        external: memory('external'),
        arrayBuffers: memory('arrayBuffers'),
      },
      // Only for one process: the ledgers of several processes can't be added up meaningfully.
      ...(isOneProcess && ledger !== undefined ? { ledger } : {}),
      ...(isOneProcess && history !== undefined ? { history } : {}),
      ...(retainers.length > 0 ? { retainers } : {}),
    },
  };
}

function same<T>(values: readonly T[]): T | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

function mergeTimes(all: readonly SnapshotFacts[]): Pick<SnapshotFacts, 'allocated'> {
  const times = all.flatMap(({ allocated }) => allocated ?? []);
  if (times.length < all.length) return {};
  const [since, until] = [times.map((time) => time.since), times.map((time) => time.until)];
  return {
    allocated: {
      since: since.includes(undefined) ? undefined : Math.min(...(since as number[])),
      until: until.includes(undefined) ? undefined : Math.max(...(until as number[])),
    },
  };
}
