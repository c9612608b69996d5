// SPDX-License-Identifier: MIT
// How long a report blocks the event loop: the loop's delay (perf_hooks' histogram) in a process
// with that much live memory at many sites and a little churn, with reports and without. Fresh
// processes; the first report, which names what lives then, is told apart.
//
//   node bench/report.mjs [--live 50,500,2000] [--interval 524288] [--reports 30] [--stacks 5000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
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

if (process.send) {
  const { monitorEventLoopDelay } = await import('node:perf_hooks');
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
  const rows = [];
  for (let i = 0; i < reports; i++) {
    delay.reset();
    delay.enable();
    await sleep(REPORT_MS);
    delay.disable();
    rows.push(delay.max / 1e6);
    for (let n = 0; n < 1000; n++) allocate(n + i * 1000);
  }
  const later = rows.slice(1).sort((a, b) => a - b);
  process.send({
    first: rows[0],
    median: later[later.length >> 1],
    max: later.at(-1),
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
      console.log(
        `${live.padStart(5)} MB live, ${r.samples} samples at ${r.sites} stacks, ${what}: longest ` +
          `delay of the event loop in each ${REPORT_MS} ms: median ${r.median.toFixed(2)} ms, ` +
          `maximum ${r.max.toFixed(2)} ms, the first ${r.first.toFixed(2)} ms`,
      );
      await once(child, 'exit');
    }
  }
}
