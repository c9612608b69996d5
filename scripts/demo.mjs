// SPDX-License-Identifier: MIT
// Runs the example of the README: starts the leaky service as its own process, sends it real
// requests, and asks it what grew. Exits with 1 if the answer is wrong.
//
//   npm run demo [-- arrays]       arrays: the second service, a fresh array per request
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load } from '../bench/library/load.mjs';

const REQUESTS = 10_000;
const module = process.argv[2] === 'arrays' ? 'fetchuserdata-arrays.js' : 'fetchuserdata.js';
const directory = join(dirname(dirname(fileURLToPath(import.meta.url))), 'examples/leaky-service');

const service = spawn(process.execPath, ['server.js', `./${module}`], {
  cwd: directory,
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => service.kill()); // also after an error here
const [address] = await once(createInterface(service.stdout), 'line');
const ask = async (route) => (await fetch(`${address}/${route}`)).text();
const MiB = (bytes) => `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
const rss = () => {
  const status = readFileSync(`/proc/${service.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)[1]) * 1024;
};

console.log(`service ${module}, Node ${process.version}, pid ${service.pid}, ${address}`);
await ask('capture');
const before = JSON.parse(await ask('memory'));
console.log(`RSS before: ${MiB(rss())}`);

let done = 0;
const draw = () => {
  const width = Math.round((done / REQUESTS) * 40);
  const bar = '#'.repeat(width).padEnd(40, '.');
  process.stdout.write(`\r[${bar}] ${done} of ${REQUESTS} requests`);
};
const timer = process.stdout.isTTY ? setInterval(draw, 100) : undefined;
await load({
  port: Number(new URL(address).port),
  count: REQUESTS,
  path: (n) => {
    done = n + 1;
    if (timer === undefined && done % 2000 === 0) console.log(`${done} of ${REQUESTS} requests`);
    return `/users/${n}`;
  },
});
if (timer !== undefined) {
  clearInterval(timer);
  draw();
  process.stdout.write('\n');
}

const after = JSON.parse(await ask('memory'));
console.log(`RSS after:  ${MiB(rss())}\n`);
const top = (await ask('capture')).trim();
console.log(`${top.replaceAll(`${directory}/`, '')}\n`);

const [first] = top.split('\n');
const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const [, number, unit] = /size=\S+ \S+ \(\+([\d.]+) (\w+)\)/.exec(first) ?? [];
const found = Number(number) * UNITS[unit];
const grown = after.heapUsed - before.heapUsed;
const percent = ((found / grown) * 100).toFixed(0);
const right = first.includes(`${module}:`) && Math.abs(found / grown - 1) <= 0.15;
console.log(
  `process.memoryUsage() says the heap grew by ${MiB(grown)}; the first line holds ${percent} % of it: ` +
    (right ? 'found' : 'NOT FOUND'),
);
process.exitCode = right ? 0 : 1;
service.kill();
