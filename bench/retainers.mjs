// SPDX-License-Identifier: MIT
// What a search for retainers costs beside a heap snapshot, by live memory: the longest time for
// which the event loop does not turn, the time until the answer, and the memory at its peak. Each
// figure is of a fresh process; both take turns in random order; medians.
//
//   node bench/retainers.mjs [--live 50,500] [--rounds 3] [--samples 20]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { getHeapSnapshot } from 'node:v8';
import { quantile, shuffled } from './library/statistics.mjs';

const WAYS = {
  async retainers(samples) {
    const { findRetainers } = await import('../dist/index.js');
    return async () => {
      const found = await findRetainers({ filter: { matches: isMade }, samples });
      return { samples: found.samples, sure: found.samples - found.changed, end: found.end };
    };
  },
  'heap snapshot': async () => async () => {
    let bytes = 0;
    for await (const chunk of getHeapSnapshot()) bytes += chunk.length;
    return { bytes };
  },
};

const isMade = ({ traceback }) =>
  traceback.frames.some(({ functionName }) => functionName === 'grow');

const keep = [];
function grow(megabytes) {
  for (let bytes = 0; bytes < megabytes * 1e6; bytes += 1000) {
    keep.push({ id: bytes, name: `n${bytes}`, values: new Array(100).fill(bytes) });
  }
}

const resident = (field) =>
  Number(new RegExp(`${field}:\\s*(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) /
  1024;

async function measured(way, live, samples) {
  const { start } = await import('../dist/index.js');
  const work = await WAYS[way](samples);
  start();
  grow(live);
  for (let i = 0; i < 2; i++) gc();
  writeFileSync('/proc/self/clear_refs', '5'); // the peak begins here
  const before = resident('VmRSS');
  let [last, blocked] = [performance.now(), 0];
  const turn = () => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
  };
  const turns = setInterval(turn, 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  blocked = 0;
  const begun = performance.now();
  const answer = await work();
  const time = performance.now() - begun;
  turn();
  clearInterval(turns);
  return { blocked, time, memory: resident('VmHWM') - before, answer };
}

if (process.send) {
  const [way, live, samples] = process.argv.slice(2);
  process.send(await measured(way, Number(live), Number(samples)));
  process.disconnect();
} else {
  const { values } = parseArgs({
    options: {
      live: { type: 'string', default: '50,500' },
      rounds: { type: 'string', default: '3' },
      samples: { type: 'string', default: '20' },
    },
  });
  const figures = ['blocked', 'time', 'memory'];
  for (const live of values.live.split(',')) {
    const seen = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const way of shuffled(Object.keys(WAYS))) {
        const child = fork(new URL(import.meta.url), [way, live, values.samples], {
          execArgv: ['--expose-gc', '--max-old-space-size=8000'],
        });
        const exited = once(child, 'exit');
        const [message] = await Promise.race([
          once(child, 'message'),
          exited.then(([code, signal]) => Promise.reject(new Error(`${way}: ${code ?? signal}`))),
        ]);
        seen[way].push(message);
        await exited;
      }
    }
    const median = (way, figure) =>
      quantile(
        seen[way].map((each) => each[figure]),
        0.5,
      );
    for (const way of Object.keys(WAYS)) {
      const [blocked, time, memory] = figures.map((figure) => median(way, figure));
      console.log(
        `${live.padStart(5)} MB live, ${way}: event loop ${blocked.toFixed(0)} ms, ` +
          `answer after ${time.toFixed(0)} ms, memory +${memory.toFixed(0)} MiB, ` +
          JSON.stringify(seen[way].at(-1).answer),
      );
    }
    const ratios = figures.map((figure) => {
      const ratio = median('heap snapshot', figure) / Math.max(1, median('retainers', figure));
      return `${figure} ${ratio.toFixed(1)}`;
    });
    console.log(`${live.padStart(5)} MB live, heap snapshot / retainers: ${ratios.join(', ')}`);
  }
}
