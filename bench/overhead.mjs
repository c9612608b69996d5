// SPDX-License-Identifier: MIT
// What tracking costs: the CPU time of a workload under each tracker, as a ratio to the same
// workload untracked. Every figure is a fresh process; in each round every tracker runs once, in a
// new random order, and is compared with that round's untracked run, so that a busy machine hurts
// all alike. Prints medians over the rounds with the lower and upper quartile.
//
//   node bench/overhead.mjs [--rounds 9] [--workloads json,retain,garbage,http]
//                           [--trackers none,...] [--json FILE]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load } from './load.mjs';
import { trackers, whyNot } from './trackers.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    workloads: { type: 'string', default: 'json,retain,garbage,http' },
    trackers: { type: 'string', default: Object.keys(trackers).join(',') },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const wanted = values.trackers.split(',');
const reasons = await Promise.all(wanted.map(whyNot));
const names = wanted.filter((_, i) => reasons[i] === undefined);
const measured = new URL('./measured.mjs', import.meta.url);

async function measure(workload, tracker) {
  const {
    flags = [],
    env = {},
    requests = [8000, 20000],
    body,
  } = await import(`./workloads/${workload}.mjs`);
  const child = fork(measured, [workload, tracker], {
    execArgv: flags,
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  const died = exited.then(([code]) => {
    throw new Error(`${workload} under ${tracker} ended with ${code}`);
  });
  died.catch(() => {});
  const answer = async () => (await Promise.race([once(child, 'message'), died]))[0];
  let message = await answer();
  if (message.port) {
    await load({ port: message.port, count: requests[0], body });
    child.send('begin');
    await answer();
    await load({ port: message.port, count: requests[1], body });
    child.send('end');
    message = await answer();
  }
  await exited;
  return message.cpu;
}

export function quantile(numbers, q) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
}

const shuffled = (list) =>
  list
    .map((item) => [Math.random(), item])
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => item);

const results = [];
for (const workload of values.workloads.split(',')) {
  const ratios = new Map(names.filter((n) => n !== 'none').map((n) => [n, []]));
  for (let round = 0; round < rounds; round++) {
    const cpu = new Map();
    for (const tracker of shuffled(['none', ...ratios.keys()])) {
      cpu.set(tracker, await measure(workload, tracker));
    }
    for (const [tracker, list] of ratios) list.push(cpu.get(tracker) / cpu.get('none'));
    process.stderr.write(`${workload}: round ${round + 1} of ${rounds}\n`);
  }
  for (const [tracker, list] of ratios) {
    const row = {
      workload,
      tracker,
      median: quantile(list, 0.5),
      low: quantile(list, 0.25),
      high: quantile(list, 0.75),
      rounds,
    };
    results.push(row);
    console.log(
      `${workload.padEnd(8)} ${tracker.padEnd(20)} ${row.median.toFixed(3)}  (${row.low.toFixed(3)} to ${row.high.toFixed(3)})`,
    );
  }
}
if (values.json) {
  const machine = { node: process.version, v8: process.versions.v8, arch: process.arch };
  writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
}
