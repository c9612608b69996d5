// SPDX-License-Identifier: MIT
// One function per fault. Each throws if the result is not as required.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Snapshot } from '../../dist/index.js';
import { endOf, runNode } from '../node-child.mjs';
import { compilePreload } from '../preload.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PROGRAM = path('./program.mjs');
const REGISTER = path('../../dist/register.js');
const CLI = path('../../dist/cli.js');
const STARVED = path('./starved.mjs');
const GO = path('../../test/fixtures/go-heap.pb.gz');
const NOBODY = '65534';

/**
 * The lines that {@link PROGRAM} printed: the traces of its snapshot, then the outcome of each
 * dump.
 */
function linesOf({ stdout }) {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function requireRefusals(outcome, reason) {
  assert.equal(outcome.code, 0, `${endOf(outcome)}: ${outcome.stderr}`);
  const [, ...dumps] = linesOf(outcome);
  assert.equal(dumps.length, 3);
  for (const { code, message } of dumps) {
    assert.equal(code, 'ERR_WRITE_FAILED');
    assert.match(message, reason);
  }
}

/** A file may not grow beyond 2000 bytes: the write is short, and the next one fails. */
export async function fileTooLarge({ executable, directory }) {
  const args = ['--fsize=2000', executable, PROGRAM, directory, '3'];
  requireRefusals(await runNode('prlimit', args), /EFBIG/);
  assert.deepEqual(readdirSync(directory), []);
}

/** A file system of 16 KiB, in its own mount namespace if the system allows one. */
export async function noSpace({ executable, directory }) {
  const inside = `mount -t tmpfs -o size=16k none "$1" || exit 77; "$2" "$3" "$1" 3 && ls "$1"`;
  const args = ['--mount', 'sh', '-c', inside, 'sh', directory, executable, PROGRAM];
  const outcome = await runNode('unshare', args);
  if (outcome.code === 77 || /unshare failed/.test(outcome.stderr)) return;
  // (ls prints nothing: there is no file.)
  requireRefusals(outcome, /ENOSPC/);
}

/** The directory is not writable. */
export async function notAllowed({ executable, directory }) {
  chmodSync(directory, 0o555);
  const user = process.getuid() === 0 ? [NOBODY] : [];
  requireRefusals(await runNode(executable, [PROGRAM, directory, '3', ...user]), /EACCES/);
  assert.deepEqual(readdirSync(directory), []);
}

/** The directory does not exist, or is not a directory. */
export async function noDirectory({ executable, directory }) {
  requireRefusals(await runNode(executable, [PROGRAM, join(directory, 'none'), '3']), /ENOENT/);
  writeFileSync(join(directory, 'file'), '');
  requireRefusals(await runNode(executable, [PROGRAM, join(directory, 'file'), '3']), /ENOTDIR/);
}

/** Killed at any moment: every file that exists is complete. */
export async function killedWhileDumping({ executable, directory, random }) {
  const child = spawn(executable, [PROGRAM, directory, '1000000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  while (!stdout.includes('null') && child.exitCode === null) await setTimeout(5);
  await setTimeout(random.int(100));
  child.kill('SIGKILL');
  await ended;
  const dumps = readdirSync(directory).filter((name) => name.endsWith('.pb.gz'));
  assert(dumps.length > 0);
  const [traces] = linesOf({ stdout });
  for (const name of dumps) {
    const { length } = (await Snapshot.load(join(directory, name))).traces;
    assert.equal(length, traces);
  }
}

const SERVICE = `
  globalThis.kept = Array.from({ length: 2000 }, () => new Array(50).fill(1));
  setTimeout(() => process.stdout.write('served'), 300);`;

const REPORTING = {
  TRACEMALLOC: '1',
  TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
  TRACEMALLOC_REPORT_EVERY: '50ms',
  TRACEMALLOC_REPORT_AT_EXIT: '1',
};

/** stderr is full, or its reader is gone: the service does not notice. */
export async function stderrFails({ executable, directory }) {
  const args = ['--require', REGISTER, '--eval', SERVICE];
  const full = openSync('/dev/full', 'w');
  const env = { ...REPORTING, TRACEMALLOC_DIR: join(directory, 'dumps') };
  const intoFull = await runNode(executable, args, { env, stdio: ['ignore', 'pipe', full] });
  closeSync(full);
  assert.deepEqual([intoFull.code, intoFull.stdout], [0, 'served']);
  const shell = ['-c', '"$@" 2> >(exec true)', 'bash', executable, ...args];
  const unread = await runNode('bash', shell, { env });
  assert.deepEqual([unread.code, unread.stdout], [0, 'served']);
}

/**
 * The command line's own output: a full disk is an error, a reader that closes the pipe is none.
 */
export async function commandOutputFails({ executable, directory }) {
  const convert = [CLI, 'convert', GO, '--to', 'json'];
  const full = openSync('/dev/full', 'w');
  const intoFull = await runNode(executable, convert, { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  assert.equal(intoFull.code, 1, endOf(intoFull));
  assert.match(intoFull.stderr, /ENOSPC/);
  assert.doesNotMatch(intoFull.stderr, /\n {4}at /);
  const shell = ['-c', '"$@" > >(exec true)', 'bash', executable, ...convert];
  const unread = await runNode('bash', shell);
  assert.deepEqual([unread.code, unread.stderr], [0, '']);
  const output = join(directory, 'out.json');
  const limited = ['--fsize=500', executable, ...convert, '-o', output];
  const tooLarge = await runNode('prlimit', limited);
  assert.equal(tooLarge.code, 1, endOf(tooLarge));
  assert.match(tooLarge.stderr, /EFBIG/);
  assert(!existsSync(output), 'half a file was left');
}

/** The addon's allocations fail now and then, anywhere in its tables. */
export async function noMemory({ executable, directory, random }) {
  const library = await compilePreload('faults/failing-malloc.cc', directory);
  const runs = [3, 30, 300].map((oneIn) => [oneIn, random.int(2 ** 31)]);
  // A failure found once: interrupted at the wrong moment, the walker's self-test never passed
  // again.
  for (const [oneIn, seed] of [...runs, [30, 1073529321]]) {
    const env = {
      LD_PRELOAD: library,
      FAILING_SEED: String(seed),
      FAILING_ONE_IN: String(oneIn),
    };
    const outcome = await runNode(executable, ['--expose-gc', STARVED], { env });
    const what = `one in ${oneIn}, seed ${env.FAILING_SEED}: ${endOf(outcome)}: ${outcome.stderr}`;
    assert.equal(outcome.code, 0, what);
    const { errors, lost, found, expected } = JSON.parse(outcome.stdout);
    const { ERR_OUT_OF_MEMORY: refused = 0, ERR_NOT_TRACING: _, ...others } = errors;
    assert.deepEqual(others, {}, what);
    assert(lost + refused > 0, what);
    assert.equal(found, expected, what);
  }
}
