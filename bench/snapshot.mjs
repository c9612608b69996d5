// SPDX-License-Identifier: MIT
// The cost of a snapshot: CPU time and JavaScript garbage of takeSnapshot(), by live memory. One
// fresh process per amount; ten snapshots each, with some churn between them; medians.
//
//   node bench/snapshot.mjs [--live 50,500,2000] [--interval 524288]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

if (process.send) {
  const [live, interval] = process.argv.slice(2).map(Number);
  const { start, takeSnapshot, status } = await import('../dist/index.js');
  start({ sampleInterval: interval });
  const keep = [];
  const grow = (megabytes) => {
    for (let bytes = 0; bytes < megabytes * 1e6; bytes += 1000) {
      keep.push({ id: bytes, name: `n${bytes}`, values: new Array(100).fill(bytes) });
    }
  };
  grow(live);
  const rows = [];
  let last;
  for (let i = 0; i < 10; i++) {
    grow(1);
    const heap = process.memoryUsage().heapUsed;
    const cpu = process.cpuUsage();
    const begun = performance.now();
    last = takeSnapshot();
    const blocked = performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    rows.push({
      cpu: (user + system) / 1000,
      blocked,
      garbage: process.memoryUsage().heapUsed - heap,
    });
  }
  const median = (key) => rows.map((row) => row[key]).sort((a, b) => a - b)[5];
  process.send({
    first: rows[0],
    cpu: median('cpu'),
    blocked: median('blocked'),
    garbage: median('garbage'),
    traces: last.traces.length,
    samples: status().samples,
    rss: process.memoryUsage().rss,
  });
  process.disconnect();
} else {
  const { values } = parseArgs({
    options: {
      live: { type: 'string', default: '50,500,2000' },
      interval: { type: 'string', default: '524288' },
    },
  });
  for (const live of values.live.split(',')) {
    const child = fork(new URL(import.meta.url), [live, values.interval], {
      execArgv: ['--max-old-space-size=8000'],
    });
    const [r] = await once(child, 'message');
    console.log(
      `${live.padStart(5)} MB live, ${r.samples} samples, ${r.traces} traces: ` +
        `event loop ${r.blocked.toFixed(2)} ms (first ${r.first.blocked.toFixed(2)}), ` +
        `CPU ${r.cpu.toFixed(2)} ms (first ${r.first.cpu.toFixed(2)}), ` +
        `JS garbage ${(r.garbage / 1024).toFixed(0)} KiB (first ${(r.first.garbage / 1024).toFixed(0)})`,
    );
    await once(child, 'exit');
  }
}
