// SPDX-License-Identifier: MIT
// CPU time of a workload under each tracker, and p99 latency where it answers requests, as ratios to
// the same workload untracked. Every figure is from a fresh process; in each round every tracker
// runs once, in a new random order, and is compared with that round's untracked run, so a busy
// machine affects all alike.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '../library/load.mjs';
import { quantile, shuffled } from '../library/statistics.mjs';
import { trackers } from '../library/trackers.mjs';

const MEASURED = new URL('../children/measured.mjs', import.meta.url);

/** Returns { cpu } in microseconds, and { p99 } in ms. */
async function measure(workload, tracker) {
  const {
    flags = [],
    env = {},
    requests = [8000, 20000],
    body,
  } = await import(`../children/workloads/${workload}.mjs`);
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const child = fork(MEASURED, [workload, tracker], {
    execArgv: [...flags, ...(trackers[tracker].create().flags?.(directory) ?? [])],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  const died = exited.then(([code]) => {
    throw new Error(`${workload} under ${tracker} ended with ${code}`);
  });
  died.catch(() => {});
  const answer = async () => (await Promise.race([once(child, 'message'), died]))[0];
  let message = await answer();
  let p99;
  if (message.port) {
    await load({ port: message.port, count: requests[0], body });
    child.send('begin');
    await answer();
    p99 = quantile(await load({ port: message.port, count: requests[1], body }), 0.99);
    child.send('end');
    message = await answer();
  }
  await exited;
  rmSync(directory, { recursive: true });
  return { cpu: message.cpu, p99 };
}

const ALL = [
  ...['json', 'retain', 'garbage', 'buffers', 'typescript'],
  ...['http', 'leaky', 'bodies', 'fastify'],
];
const SHORT = [
  'A/A',
  'tracemalloc auto',
  'tracemalloc 512 KiB',
  'tracemalloc 8 KiB',
  'node:inspector 512 KiB',
];
// Left out: node:inspector at an exact interval takes nine times as long, and is not used in
// practice; heap snapshots don't run all the time; other trackers that use V8's sampler run at one
// interval only. Routes are no other way of sampling.
const LEFT_OUT =
  /^(none|.* routes|node:inspector exact|heap snapshots|(google|--heap|v8).* (64|8) KiB)$/;
const FULL = Object.keys(trackers).filter((name) => !LEFT_OUT.test(name));

async function measureAll(workload, columns) {
  const seen = new Map();
  for (const name of shuffled(['none', ...columns])) seen.set(name, await measure(workload, name));
  const none = seen.get('none');
  return columns.flatMap((column) => {
    const { cpu, p99 } = seen.get(column);
    const lines = [{ column, value: cpu / none.cpu }];
    if (p99) lines.push({ part: 'p99', column, value: p99 / none.p99 });
    return lines;
  });
}

export function jobs({
  isShort,
  rounds = isShort ? 3 : 5,
  workloads = isShort ? ['json', 'retain', 'http', 'typescript'] : ALL,
  columns = isShort ? SHORT : FULL,
}) {
  return Array.from({ length: rounds }, (_, round) =>
    workloads.map((row) => ({
      part: 'cpu',
      row,
      round,
      // These take two to fourteen times as long: one round is enough.
      columns: columns.filter((name) => round === 0 || !name.endsWith(' exact')),
      run: (wanted) => measureAll(row, wanted),
    })),
  ).flat();
}
