// SPDX-License-Identifier: MIT
// An HTTP service under the same load for ten minutes, with a report every 5 s and untraced, side by
// side: resident memory, latencies and CPU time. The traced service must stay within 2 % + 8 MB of
// the other's memory; ends with 1 if it does not.
//
//   node bench/soak.mjs [--seconds 600] [--rate 200] [--interval 524288] [--every 5s]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    rate: { type: 'string', default: '200' }, // requests a second, to each service
    interval: { type: 'string', default: '524288' },
    every: { type: 'string', default: '5s' },
  },
});
const seconds = Number(values.seconds);

/** A service in its own process, and its figures. */
class Service {
  reports = 0;
  latencies = [];
  memory = [];
  #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  async start({ traced }) {
    const register = fileURLToPath(new URL('../dist/register.js', import.meta.url));
    const env = { ...process.env, TRACEMALLOC: traced ? '1' : '0' };
    env.TRACEMALLOC_SAMPLE_INTERVAL = values.interval;
    env.TRACEMALLOC_REPORT_EVERY = values.every;
    const script = `import(${JSON.stringify(new URL('./children/workloads/http.mjs', import.meta.url))})
      .then(({ listen }) => listen()).then((port) => console.log(port));`;
    // Otherwise V8 grows and shrinks its new space by chance, by tens of megabytes.
    const args = ['--min-semi-space-size=8', '--max-semi-space-size=8'];
    args.push(...(traced ? ['--require', register] : []), '--eval', script);
    this.child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: this.child.stderr }).on('line', () => this.reports++);
    const [port] = await once(createInterface({ input: this.child.stdout }), 'line');
    this.port = Number(port);
  }

  ask(n) {
    const begun = performance.now();
    const options = { host: '127.0.0.1', port: this.port, path: `/?id=${n}`, agent: this.#agent };
    get(options, (response) => {
      response.resume().on('end', () => this.latencies.push(performance.now() - begun));
    }).on('error', () => this.latencies.push(Number.POSITIVE_INFINITY));
  }

  /** Resident bytes now. */
  readMemory() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    const bytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) * 1024;
    this.memory.push(bytes);
    return bytes;
  }

  /** Seconds of CPU time so far. */
  readCpu() {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  stop() {
    this.#agent.destroy();
    this.child.kill('SIGKILL');
  }
}

const quantile = (numbers, q) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * q)];
};
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

const plain = new Service();
const traced = new Service();
await plain.start({ traced: false });
await traced.start({ traced: true });

// Both get the same requests at the same time, in an order that alternates.
let sent = 0;
const begun = performance.now();
const load = setInterval(() => {
  const due = ((performance.now() - begun) / 1000) * Number(values.rate);
  for (; sent < due; sent++) {
    for (const service of sent % 2 ? [plain, traced] : [traced, plain]) service.ask(sent);
  }
}, 5);
let cpuAfterStart;
for (let second = 1; second <= seconds; second++) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const [a, b] = [plain.readMemory(), traced.readMemory()];
  // The first tenth warms up.
  if (second === Math.ceil(seconds / 10)) {
    cpuAfterStart = [plain.readCpu(), traced.readCpu()];
    for (const service of [plain, traced]) service.latencies.length = 0;
  }
  if (second % 60 === 0) {
    console.log(`${second} s: RSS ${megabytes(a)} MB untraced, ${megabytes(b)} MB traced`);
  }
}
clearInterval(load);
const cpu = [plain.readCpu() - cpuAfterStart[0], traced.readCpu() - cpuAfterStart[1]];

// The median of the last tenth, since single readings vary with V8's collector.
const last = (service) => quantile(service.memory.slice(-Math.ceil(seconds / 10)), 0.5);
const [untracedMemory, tracedMemory] = [last(plain), last(traced)];
const allowed = untracedMemory * 1.02 + 8e6;
const p99 = (service) => quantile(service.latencies, 0.99);
console.log(
  `${sent} requests each, ${traced.reports} reports\n` +
    `RSS at the end: ${megabytes(untracedMemory)} MB untraced, ${megabytes(tracedMemory)} MB traced ` +
    `(allowed: ${megabytes(allowed)})\n` +
    `p99 latency: ${p99(plain).toFixed(2)} and ${p99(traced).toFixed(2)} ms, ` +
    `ratio ${(p99(traced) / p99(plain)).toFixed(3)}\n` +
    `CPU: ${cpu[0].toFixed(2)} and ${cpu[1].toFixed(2)} s, ratio ${(cpu[1] / cpu[0]).toFixed(3)}`,
);
plain.stop();
traced.stop();
if (tracedMemory > allowed) {
  console.log('the traced service holds more than it may');
  process.exitCode = 1;
}
