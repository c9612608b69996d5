// SPDX-License-Identifier: MIT
// How long a report blocks the event loop, in a process with that much live memory at many sites and
// a little churn: what CPU time the main thread spends on each, as the kernel accounts it, which other
// processes don't disturb; and the loop's longest delay (perf_hooks' histogram), which they do, with
// reports and without. Fresh processes; the first report, which names what lives then, is told apart.
//
//   node bench/report.mjs [--live 50,500,2000] [--interval 524288] [--reports 30] [--stacks 5000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

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
  return (
    Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
  );
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const median = (numbers) => sorted(numbers)[numbers.length >> 1];

if (process.send) {
  const { monitorEventLoopDelay, PerformanceObserver } = await import('node:perf_hooks');
  const { setTimeout: sleep } = await import('node:timers/promises');
  const { start, createReporter, status } = await import('../dist/index.js');
  const [live, interval, reports, stacks, withReports] = process.argv.slice(2).map(Number);
  start({ sampleInterval: interval });
  const keep = [];
  const allocate = makeStacks(stacks, keep);
  for (let n = 0; n < (live * 1e6) / 900; n++) allocate(n);
  let seen = 0;
  if (withReports) createReporter({ every: REPORT_MS, logger: () => seen++ });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const delays = [];
  const undisturbed = []; // by a collection, which moves the live objects made between the rounds
  const cpu = [];
  let collections = 0;
  const collector = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  collector.observe({ type: 'gc' });
  // The histogram's own timer costs CPU time: in every second round it rests.
  for (let i = 0; i < 2 * reports; i++) {
    const isTimed = i % 2 === 1;
    delay.reset();
    collections = 0;
    if (!isTimed) delay.enable();
    await sleep(5); // what ran until now is accounted when the thread leaves the CPU
    const begun = cpuTime();
    await sleep(REPORT_MS);
    if (isTimed) cpu.push(cpuTime() - begun);
    delay.disable();
    collections += collector.takeRecords().length;
    if (!isTimed) delays.push(delay.max / 1e6);
    if (!isTimed && collections === 0) undisturbed.push(delay.max / 1e6);
    for (let n = 0; n < 1000; n++) allocate(n + i * 1000);
  }
  const later = sorted(delays.slice(1));
  process.send({
    first: delays[0],
    median: median(later),
    max: later.at(-1),
    maxUndisturbed: Math.max(...undisturbed),
    disturbed: delays.length - undisturbed.length,
    cpu: median(cpu),
    maxCpu: Math.max(...cpu),
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
      reports: { type: 'string', default: '30' },
      stacks: { type: 'string', default: '5000' },
    },
  });
  for (const live of values.live.split(',')) {
    for (const withReports of [0, 1]) {
      const args = [live, values.interval, values.reports, values.stacks, withReports];
      const child = fork(new URL(import.meta.url), args, {
        execArgv: ['--max-old-space-size=8000'],
      });
      const [r] = await once(child, 'message');
      const what = withReports ? `${r.seen} reports` : 'no reports';
      const ms = (number) => `${number.toFixed(2)} ms`;
      console.log(
        `${live.padStart(5)} MB live, ${r.samples} samples at ${r.sites} stacks, ${what}: in each ` +
          `${REPORT_MS} ms CPU time median ${ms(r.cpu)}, maximum ${ms(r.maxCpu)}; longest delay of ` +
          `the event loop median ${ms(r.median)}, maximum ${ms(r.max)}, without the ` +
          `${r.disturbed} rounds in which V8 collected ${ms(r.maxUndisturbed)}, the first ${ms(r.first)}`,
      );
      await once(child, 'exit');
    }
  }
}
