// SPDX-License-Identifier: MIT
// Latency of a service around attaching: of the second in which the inspector opens and tracing
// starts, of tracing, and of the second in which it ends; each as a ratio to quiet seconds of the same
// process. Requests come at fixed times, so that one that waits delays no other's beginning.
//
//   node bench/attach.mjs [rounds]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { quantile } from './library/statistics.mjs';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const EVERY_MS = 2;
const rounds = Number(process.argv[2] ?? 20);

const SERVICE = `
  let kept = [];
  require('node:http').createServer((request, response) => {
    kept = Array.from({ length: 2000 }, (_, i) => ({ i, name: 'name ' + i }));
    response.end(JSON.stringify(kept.slice(0, 20)));
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;
const args = ['--inspect-port=0', '-e', SERVICE];
const service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
const [port] = await once(service.stdout.setEncoding('utf8'), 'data');
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Latencies of the requests that begin within this time, milliseconds. */
async function latencies(ms) {
  const asked = [];
  const begun = performance.now();
  for (let due = begun; due < begun + ms; due += EVERY_MS) {
    await delay(Math.max(0, due - performance.now()));
    asked.push(
      new Promise((resolve, reject) => {
        request({ host: '127.0.0.1', port: Number(port), agent }, (response) =>
          response.resume().on('end', () => resolve(performance.now() - due)),
        )
          .on('error', reject)
          .end();
      }),
    );
  }
  return Promise.all(asked);
}

function attach() {
  const options = ['attach', `${service.pid}`, '--page'];
  const child = spawn(process.execPath, [CLI, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  return { child, ready: once(child.stdout, 'data'), ended: once(child, 'exit') };
}

// The command itself takes CPU time, which on a machine with few cores is the service's: in the quiet
// second it starts, too, and is refused.
const quiet = async () => {
  const child = spawn(process.execPath, [CLI, 'attach', '1', '--page'], { stdio: 'ignore' });
  const seen = await latencies(1000);
  child.kill();
  return seen;
};

const seconds = { quiet: [], attaching: [], traced: [], detaching: [] };
await latencies(3000);
for (let i = 0; i < rounds; i++) {
  seconds.quiet.push(await quiet());
  const { child, ready, ended } = attach();
  seconds.attaching.push(await latencies(1000));
  await ready;
  seconds.traced.push(await latencies(1000));
  child.kill('SIGINT');
  seconds.detaching.push(await latencies(1000));
  await ended;
}
service.kill();
console.log(`Node ${process.version}, ${rounds} rounds, a request every ${EVERY_MS} ms`);
for (const [name, all] of Object.entries(seconds)) {
  const cells = [0.5, 0.99, 1].map((q) => {
    const figures = all.map((second) => quantile(second, q));
    const ratios = figures.map((figure, i) => figure / quantile(seconds.quiet[i], q));
    return `${quantile(figures, 0.5).toFixed(2)} ms (${quantile(ratios, 0.5).toFixed(2)} x)`;
  });
  console.log(`${name.padEnd(10)} median ${cells[0]}, p99 ${cells[1]}, slowest ${cells[2]}`);
}
