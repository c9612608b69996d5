// SPDX-License-Identifier: MIT
// The cost of reading the memory ledger, by the contents of the process; for comparison, reading
// /proc/self/smaps, the usual source of such figures. CPU time, since elapsed time may double on a
// busy machine. One fresh process per case; medians of 25.
//
//   node bench/ledger.mjs [--cases rest,heap500]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const MIB = 1024 * 1024;

function objects(megabytes) {
  const kept = [];
  for (let i = 0; i < megabytes * 1000; i++) kept.push(new Array(120).fill(i));
  return kept;
}

const CASES = {
  rest: () => undefined,
  heap500: () => objects(500),
  heap1500: () => objects(1500),
  heap1900: () => objects(1900),
  buffers1000: () => Array.from({ length: 1000 }, () => Buffer.alloc(MIB, 1)),
  // Frees every second block: malloc walks a list of the free ones for its figures.
  freeBlocks100000: () => {
    const kept = [];
    let freed = [];
    for (let i = 0; i < 100_000; i++) {
      kept.push(Buffer.allocUnsafeSlow(1500));
      freed.push(Buffer.allocUnsafeSlow(1500));
    }
    freed = undefined;
    globalThis.gc();
    return kept;
  },
};

if (process.send) {
  const kept = CASES[process.argv[2]]();
  const { getMemoryLedger } = await import('../dist/index.js');
  const median = (work) => {
    const times = Array.from({ length: 25 }, () => {
      const begun = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1000;
    });
    return times.sort((a, b) => a - b)[12];
  };
  process.send({
    ledger: median(getMemoryLedger),
    smaps: median(() => readFileSync('/proc/self/smaps', 'latin1')),
    mappings: readFileSync('/proc/self/maps', 'latin1').split('\n').length - 1,
    rss: process.memoryUsage().rss,
    kept: kept?.length,
  });
  process.disconnect();
} else {
  const { values } = parseArgs({
    options: { cases: { type: 'string', default: Object.keys(CASES).join() } },
  });
  for (const name of values.cases.split(',')) {
    const child = fork(new URL(import.meta.url), [name], {
      execArgv: ['--expose-gc', '--max-old-space-size=4000'],
    });
    const [r] = await once(child, 'message');
    console.log(
      `${name.padEnd(16)} RSS ${(r.rss / MIB).toFixed(0)} MiB, ${r.mappings} mappings: ` +
        `ledger ${r.ledger.toFixed(2)} ms, smaps alone ${r.smaps.toFixed(2)} ms`,
    );
    await once(child, 'exit');
  }
}
