// SPDX-License-Identifier: MIT
// Measures how long a report blocks the event loop, in a process with that much live memory at many
// sites and a little churn, with reports and without, in fresh processes. Rounds of 200 ms
// alternately measure
//
// - the loop's longest delay, by perf_hooks' histogram. Other processes, and the host of a virtual
//   machine, make it longer: even an idle thread sometimes has delays of 5 to 10 ms.
// - the longest stretch, the CPU time of the main thread between two turns of its loop, by the
//   kernel's account, which these don't affect; with the stretches in which V8 collected and without
//   (a scavenge has to copy the live objects that the bench makes between the rounds).
// - the main thread's total CPU time, while nothing else is measured.
//
//   node bench/report.mjs [--live 50,500,2000] [--interval 524288] [--rounds 30] [--stacks 5000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { quantile } from './library/statistics.mjs';

const REPORT_MS = 200;

/** Functions that allocate, each reached by many stacks. */
function makeStacks(count, keep) {
  const leaves = Array.from({ length: 100 }, (_, i) => `function leaf${i}() { allocate(); }`);
  const callers = Array.from({ length: Math.ceil(count / 100) }, (_, i) => `(f) => f(${i})`);
  const [inner, outer] = new Function(
    'allocate',
    `${leaves.join('\n')}
    return [[${leaves.map((_, i) => `leaf${i}`)}], [\n${callers.join(',\n')}]];`,
  )(() => keep.push({ id: keep.length, values: new Array(100).fill(keep.length) }));
  return (n) => outer[Math.floor(n / 100) % outer.length](inner[n % 100]);
}

/** Milliseconds that this thread has been on a CPU. */
function cpuTime() {
  process.cpuUsage(); // makes the kernel update the account of the running thread
  const [onCpu] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
  return Number(onCpu) / 1e6;
}

if (process.send) {
  const { monitorEventLoopDelay, performance, PerformanceObserver } = await import(
    'node:perf_hooks'
  );
  const { setTimeout: sleep } = await import('node:timers/promises');
  const { start, createReporter, status } = await import('../dist/index.js');
  const [live, interval, rounds, stacks, withReports] = process.argv.slice(2).map(Number);
  start({ sampleInterval: interval });
  const keep = [];
  const allocate = makeStacks(stacks, keep);
  for (let n = 0; n < (live * 1e6) / 900; n++) allocate(n);
  let seen = 0;
  if (withReports) createReporter({ every: REPORT_MS, logger: () => seen++ });

  const collections = [];
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) collections.push(startTime);
  }).observe({ type: 'gc' });

  const histogram = monitorEventLoopDelay({ resolution: 1 });
  async function longestDelay() {
    histogram.reset();
    histogram.enable();
    await sleep(REPORT_MS);
    histogram.disable();
    return histogram.max / 1e6;
  }

  async function longestStretch() {
    let [time, cpu] = [performance.now(), cpuTime()];
    let longest = { from: time, to: time, cpu: 0 };
    const turn = () => {
      const [now, cpuNow] = [performance.now(), cpuTime()];
      if (cpuNow - cpu > longest.cpu) longest = { from: time, to: now, cpu: cpuNow - cpu };
      [time, cpu] = [now, cpuNow];
    };
    const timer = setInterval(turn, 1);
    await sleep(REPORT_MS);
    clearInterval(timer);
    return longest;
  }

  async function totalCpu() {
    const begun = cpuTime();
    await sleep(REPORT_MS);
    return cpuTime() - begun;
  }

  const delays = [];
  const stretches = [];
  const totals = [];
  for (let i = 0; i < rounds; i++) {
    for (const [measure, results] of [
      [longestDelay, delays],
      [longestStretch, stretches],
      [totalCpu, totals],
    ]) {
      results.push(await measure());
      for (let n = 0; n < 1000; n++) allocate(n + i * 1000);
    }
  }
  const isDisturbed = ({ from, to }) => collections.some((at) => at >= from && at <= to);
  const undisturbed = stretches.filter((stretch) => !isDisturbed(stretch));
  process.send({
    first: delays[0],
    delays: delays.slice(1),
    stretches: stretches.map(({ cpu }) => cpu),
    undisturbed: undisturbed.map(({ cpu }) => cpu),
    totals,
    seen,
    sites: status().sites,
    samples: status().samples,
  });
  process.disconnect();
} else {
  const { values } = parseArgs({
    options: {
      live: { type: 'string', default: '50,500,2000' },
      interval: { type: 'string', default: '524288' },
      rounds: { type: 'string', default: '30' },
      stacks: { type: 'string', default: '5000' },
    },
  });
  const told = (times) =>
    `median ${quantile(times, 0.5).toFixed(2)}, 95 % ${quantile(times, 0.95).toFixed(2)}, maximum ${Math.max(...times).toFixed(2)}`;
  for (const live of values.live.split(',')) {
    for (const withReports of [0, 1]) {
      const args = [live, values.interval, values.rounds, values.stacks, withReports];
      const child = fork(new URL(import.meta.url), args, {
        execArgv: ['--max-old-space-size=8000'],
      });
      const [r] = await once(child, 'message');
      const what = withReports ? `${r.seen} reports` : 'no reports';
      console.log(`${live} MB live, ${r.samples} samples at ${r.sites} stacks, ${what}; ms:
  longest delay of the loop     ${told(r.delays)}, the first ${r.first.toFixed(2)}
  longest stretch of CPU time   ${told(r.stretches)}; V8 collected in ${r.stretches.length - r.undisturbed.length}
  of those without a collection ${told(r.undisturbed)}
  CPU time of ${REPORT_MS} ms            ${told(r.totals)}`);
      await once(child, 'exit');
    }
  }
}
