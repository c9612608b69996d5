// SPDX-License-Identifier: MIT
// A signal ends a process that reports at its end as it would without tracemalloc, whatever other
// listeners there are. Each program runs without and with it, and the code, signal and stdout must
// be the same.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, REGISTER } from '../support/child.js';
import { CLI } from '../support/cli.js';
import { INHERITED } from '../support/environment.js';
import { reportsOf } from '../support/report-schema.js';

const { resolve } = createRequire(import.meta.url);
const LAST = {
  TRACEMALLOC: '1',
  TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
  TRACEMALLOC_REPORT_EVERY: '0',
  TRACEMALLOC_REPORT_AT_EXIT: '1',
};
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type Deadly = (typeof SIGNALS)[number];

const KEEP = `globalThis.kept = Array.from({ length: 2000 }, () => new Array(50).fill(1));`;
const READY = `console.log('ready');`;
const STAY = `setInterval(() => {}, 1000); ${READY}`;
const EXIT_3 = `require(${JSON.stringify(resolve('signal-exit3'))})((code, signal) => console.log('exit 3', code, signal));`;
const EXIT_4 = `require(${JSON.stringify(resolve('signal-exit4'))}).onExit((code, signal) => { console.log('exit 4', code, signal); });`;
const GRACEFUL = `process.on(SIGNAL, (signal) => { console.log('closing', signal); setTimeout(() => process.exit(7), 50); });`;
// Many tools do this themselves: the last listener sends the signal again.
const GUEST = `process.once(SIGNAL, (signal) => {
  console.log('tidying');
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
});`;
const WORKERS = `
  const { Worker } = require('node:worker_threads');
  const busy = 'setInterval(() => { globalThis.kept = Array.from({ length: 1e4 }, () => ({})); }, 1); require("node:worker_threads").parentPort.postMessage(1);';
  const workers = Array.from({ length: 6 }, () => new Worker(busy, { eval: true }));
  Promise.all(workers.map((worker) => new Promise((done) => worker.once('message', done)))).then(() => { ${READY} });`;

interface Program {
  readonly body: string;
  /** Loaded before tracemalloc. */
  readonly first?: string;
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  'a program alone': { body: STAY },
  'a program that never returns to the event loop': {
    body: `${READY} for (let i = 0; ; i++) globalThis.last = { i };`,
  },
  'a service that closes in its own handler': { body: GRACEFUL + STAY },
  'a service that exits at once in its own handler': {
    body: `process.on(SIGNAL, () => process.exit(5)); ${STAY}`,
  },
  'a service that handles it and exits with code 0': {
    body: `process.on(SIGNAL, () => setTimeout(() => { console.log('done'); process.exit(0); }, 20)); ${STAY}`,
  },
  'signal-exit 3': { body: EXIT_3 + STAY },
  'signal-exit 4': { body: EXIT_4 + STAY },
  'signal-exit 3 and 4': { body: EXIT_3 + EXIT_4 + STAY },
  'signal-exit 3, loaded before tracemalloc': { first: EXIT_3, body: STAY },
  'signal-exit 4 and a service that closes': { body: EXIT_4 + GRACEFUL + STAY },
  'a listener that sends it again': { body: GUEST + STAY },
  'two listeners that send it again': { body: GUEST + GUEST + STAY },
  'a listener that was removed': {
    body: `const no = () => {}; process.on(SIGNAL, no); process.off(SIGNAL, no); ${STAY}`,
  },
  'a process without any listeners': { body: `process.removeAllListeners(SIGNAL); ${STAY}` },
};

/** These use all processors, so they run one at a time. */
const CROWDED: Readonly<Record<string, Program>> = {
  'a process full of workers': { body: WORKERS },
  'a process full of workers, with signal-exit 3': { body: EXIT_3 + WORKERS },
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-signals-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const file = (text: string): string => {
  const path = join(directory, `${Math.random().toString(36).slice(2)}.cjs`);
  writeFileSync(path, text);
  return path;
};

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Calls `send` with the child's process id as soon as the program prints that it is ready. */
function signalled(
  { command, args, env = {}, cwd = directory }: Command,
  send: (child: number) => void,
): Promise<Outcome> {
  const child = spawn(command, args, {
    cwd,
    env: { ...INHERITED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // in its own process group
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const wasReady = stdout.includes('ready\n');
    stdout += text;
    if (!wasReady && stdout.includes('ready\n')) send(child.pid!);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
}

interface NodeArguments {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Node's arguments for the program: without tracemalloc, with it, and under `tracemalloc run`. */
function bothWays({ body, first = '' }: Program, signal: Deadly) {
  const before = ['--require', file(first)];
  const program = file(`const SIGNAL = ${JSON.stringify(signal)};\n${KEEP}\n${body}`);
  return {
    untraced: { args: [...before, program] },
    traced: { args: [...before, '--require', REGISTER, program], env: LAST },
    run: { args: [CLI, 'run', '--format', 'json', program] },
  };
}

const seen = ({ code, signal, stdout }: Outcome) => ({ code, signal, stdout });

/** The reports of the main thread. */
const mainReports = (stderr: string) => reportsOf(stderr).filter(({ threadId }) => threadId === 0);

/** Expects the same end as without tracemalloc, after one report. */
async function endsAsWithoutUs(program: Program, signal: Deadly): Promise<void> {
  const { untraced, traced } = bothWays(program, signal);
  const send = (pid: number): boolean => process.kill(pid, signal);
  const command = process.execPath;
  const [without, outcome] = await Promise.all([
    signalled({ command, ...untraced }, send),
    signalled({ command, ...traced }, send),
  ]);
  expect(without.signal).not.toBe('SIGKILL');
  expect(seen(outcome)).toEqual(seen(without));
  const reports = mainReports(outcome.stderr);
  expect(reports).toHaveLength(1);
  expect(reports[0]?.sites[0]?.size).toBeGreaterThan(500_000);
}

describe.each(SIGNALS)('%s', (signal) => {
  test.each(Object.entries(CROWDED))('%s: same end as untraced, after one report', (_, program) =>
    endsAsWithoutUs(program, signal),
  );
});

// Concurrent: the programs mostly wait.
describe.concurrent.each(SIGNALS)('%s', (signal) => {
  const send = (pid: number): boolean => process.kill(pid, signal);

  test.each(Object.entries(PROGRAMS))('%s: same end as untraced, after one report', (_, program) =>
    endsAsWithoutUs(program, signal),
  );

  test.each([
    ['a program alone', STAY],
    ['signal-exit 3', EXIT_3 + STAY],
    ['a service that closes in its own handler', GRACEFUL + STAY],
  ])('%s, by tracemalloc run', async (_, body) => {
    const { untraced, run } = bothWays({ body }, signal);
    const command = process.execPath;
    const without = await signalled({ command, ...untraced }, send);
    const outcome = await signalled({ command, ...run }, send);
    expect(seen(outcome)).toEqual(seen(without));
    expect(mainReports(outcome.stderr)).toHaveLength(1);
  });

  test('a program that signals itself does not continue', async () => {
    const body = `console.log('one'); process.on('exit', () => console.log('exit'));
      process.kill(process.pid, SIGNAL); console.log('two'); process.exit(3);`;
    const { untraced, traced } = bothWays({ body }, signal);
    const command = process.execPath;
    const without = await signalled({ command, ...untraced }, send);
    expect(seen(without)).toEqual({ code: null, signal, stdout: 'one\n' });
    const outcome = await signalled({ command, ...traced }, send);
    expect(seen(outcome)).toEqual(seen(without));
    expect(mainReports(outcome.stderr)).toHaveLength(1);
  });

  test('a process blocked in native code ends without a report, with a line that says so', async () => {
    const body = `const blocking = 'echo ready; exec sleep 8 >/dev/null 2>&1';
      const stdio = ['ignore', 'inherit', 'inherit'];
      require('node:child_process').execFileSync('sh', ['-c', blocking], { stdio }); process.exit(9);`;
    const { traced } = bothWays({ body }, signal);
    const outcome = await signalled({ command: process.execPath, ...traced }, send);
    expect(seen(outcome)).toEqual({ code: null, signal, stdout: 'ready\n' });
    expect(outcome.stderr).toBe('tracemalloc: no last report: the event loop is blocked\n');
  });

  // A terminal signals the process group; npm passes a signal on to the shell, or to the program
  // that replaced it.
  const ways: readonly (readonly [how: string, shell: string, send: (npm: number) => void])[] = [
    ['as from a terminal', '', (npm) => process.kill(-npm, signal)],
    ['to npm', 'exec ', send],
  ];
  test.each(signal === 'SIGHUP' ? ways.slice(0, 1) : ways)(
    'under npm run, %s',
    async (_how, shell, sendIt) => {
      const { untraced, traced } = bothWays({ body: EXIT_3 + STAY }, signal);
      const under = ({ args, env = {} }: NodeArguments) => {
        const cwd = mkdtempSync(join(directory, 'npm-'));
        const scripts = { start: `${shell}${[process.execPath, ...args].join(' ')}` };
        writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts }));
        const npm = ['run', '--silent', '--no-update-notifier', 'start'];
        return signalled({ command: 'npm', args: npm, cwd, env: { HOME: cwd, ...env } }, sendIt);
      };
      const [without, outcome] = await Promise.all([under(untraced), under(traced)]);
      expect(without.signal).not.toBe('SIGKILL');
      expect(seen(outcome)).toEqual(seen(without));
      expect(mainReports(outcome.stderr)).toHaveLength(1);
    },
  );
});

describe('as PID 1', () => {
  const UNSHARE = ['--pid', '--fork', '--kill-child', '--mount-proc'];
  const isAllowed = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;
  const reason = isAllowed ? '' : ' (SKIPPED: no new PID namespace may be made here)';
  const isFirst = `if (process.pid !== 1) throw new Error('not PID 1');`;
  // The kernel drops signals for which PID 1 has no action: untraced, Node continues.
  const later = `setTimeout(() => { console.log('lives'); process.exit(4); }, 700);`;
  const programs: Readonly<Record<string, string>> = {
    'a program alone': later + STAY,
    'a service that closes in its own handler': GRACEFUL + STAY,
    'signal-exit 3': EXIT_3 + later + STAY,
    'signal-exit 4': EXIT_4 + later + STAY,
    'a listener that sends it again': GUEST + later + STAY,
    'a program that signals itself': `process.kill(1, SIGNAL); ${later} ${STAY}`,
  };
  const firstChild = (pid: number) =>
    Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());

  describe.concurrent.each(SIGNALS)(`%s${reason}`, (signal) => {
    const send = (unshare: number): boolean => process.kill(firstChild(unshare), signal);

    test.runIf(isAllowed).each(Object.entries(programs))('%s', async (_, body) => {
      const { untraced, traced, run } = bothWays({ body: isFirst + body }, signal);
      const inside = ({ args, env = {} }: NodeArguments) =>
        signalled({ command: 'unshare', args: [...UNSHARE, process.execPath, ...args], env }, send);
      const without = await inside(untraced);
      expect(without.signal).not.toBe('SIGKILL');
      expect([4, 7]).toContain(without.code);
      for (const outcome of await Promise.all([inside(traced), inside(run)])) {
        expect(seen(outcome)).toEqual(seen(without));
        expect(mainReports(outcome.stderr)).toHaveLength(1);
      }
    });
  });
});

test("a signal's listener count does not include tracemalloc", async () => {
  const body = `console.log(['SIGTERM', 'SIGINT', 'SIGHUP'].map((name) => process.listenerCount(name)).join());`;
  const { traced } = bothWays({ body }, 'SIGTERM');
  const outcome = await signalled({ command: process.execPath, ...traced }, () => {});
  expect(outcome).toMatchObject({ code: 0, stdout: '0,0,0\n' });
});
