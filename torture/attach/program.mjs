// SPDX-License-Identifier: MIT
// Attaches to a service again and again, while it is sent requests.
//
//   node program.mjs --seed S --cycles N
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endOf, runNode } from '../node-child.mjs';
import { Random } from '../random.mjs';

const { values } = parseArgs({ options: { seed: { type: 'string' }, cycles: { type: 'string' } } });
const [seed, cycles] = [Number(values.seed), Number(values.cycles)];
const random = new Random(seed);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CLI = here('../../dist/cli.js');

/** The first cycles load code, and grow what later ones use again. */
const WARM = Math.min(20, Math.ceil(cycles / 4));
/** RSS after collections still varies by this from one moment to another, attached to or not. */
const SPREAD = 40 * 2 ** 20;
/** For each cycle beyond the first: a leak would be one of objects, pages or handles. */
const MOST_EACH = 64 * 1024;

let isOver = false;

async function start() {
  const args = ['--expose-gc', '--inspect-port=0', here('./service.mjs'), `${seed}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
  const get = async (path) => {
    const asked = request({ host: '127.0.0.1', port: Number(port), path, agent: false }).end();
    const [response] = await once(asked, 'response');
    return text(response);
  };
  return { child, ended, get };
}

/** Sends requests until all is over; an answer that is not right is an error. */
async function load({ get }) {
  for (let n = 1; !isOver; n++) {
    const answer = await get(`/${n}`);
    if (answer !== [...`${n}`].reverse().join('')) throw new Error(`/${n} was answered ${answer}`);
    await delay(1);
  }
}

const [service, control] = [await start(), await start()];
const memories = async () =>
  Promise.all([service, control].map(async ({ get }) => Number(await get('/memory'))));

async function cycle() {
  await delay(random.int(50));
  const mode = random.weighted([
    [3, ['--for', `${10 + random.magnitude(300)}ms`]],
    [1, ['--report', '--every', '50ms']],
    [1, ['--page']],
  ]);
  const command = [
    CLI,
    'attach',
    `${service.child.pid}`,
    ...mode,
    '--sample-interval',
    random.pick(['4KiB', '64KiB', '512KiB']),
  ];
  if (mode[0] === '--for') {
    const outcome = await runNode(process.execPath, command);
    if (outcome.code !== 0) throw new Error(`attach: ${endOf(outcome)}\n${outcome.stderr}`);
    return;
  }
  const child = spawn(process.execPath, command, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await delay(300 + random.int(500));
  child.kill(random.pick(['SIGINT', 'SIGTERM', 'SIGKILL']));
  await exited;
  // One that was killed before it could say so is over when the process has seen its end.
  await delay(50);
}

async function all() {
  let first = [];
  for (let n = 1; n <= cycles; n++) {
    await cycle().catch((error) => retryAfterKill(error));
    if (n === WARM) first = await memories();
  }
  const [grown, usual] = (await memories()).map((now, i) => now - first[i]);
  const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const text = `RSS grew by ${mib(grown)} in ${cycles - WARM} cycles, without any by ${mib(usual)}`;
  console.log(text);
  if (grown - usual > SPREAD + (cycles - WARM) * MOST_EACH) throw new Error(text);
}

// A command that was killed while it attached leaves its lease, which ends by itself.
async function retryAfterKill(error) {
  if (!/attached to already/.test(error.message)) throw error;
  await delay(16_000);
  await cycle();
}

try {
  const died = service.ended.then(([code, signal]) => {
    if (!isOver) throw new Error(`the service ended: ${signal ?? code}`);
  });
  const loads = Promise.all([load(service), load(control)]);
  await Promise.race([all(), died, loads.then(() => new Promise(() => undefined))]);
  isOver = true;
  await loads;
  service.child.kill('SIGTERM');
  const [code] = await service.ended;
  if (code !== 42) throw new Error(`the service's exit code is ${code}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  isOver = true;
  for (const { child } of [service, control]) child.kill('SIGKILL');
}
