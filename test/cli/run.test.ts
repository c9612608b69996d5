// SPDX-License-Identifier: MIT
// `tracemalloc run`: the program runs as it would without, and there is a report.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { CLI, cli } from '../support/cli.js';

const PROGRAM = fileURLToPath(new URL('../fixtures/program.mjs', import.meta.url));
const FINE = ['--sample-interval', '4KiB'];
const said = (...args: string[]) => `${JSON.stringify({ arguments: args, kept: 20_000 })}\n`;

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-')));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('writes a report at the end, keeps the exit code, and passes on arguments', async () => {
  const { code, stdout, stderr } = await cli(['run', ...FINE, PROGRAM, 'code', '--top', '-h']);
  expect({ code, stdout }).toEqual({ code: 7, stdout: said('code', '--top', '-h') });
  expect(stderr).toMatch(/#1: \S+program\.mjs:3\b.*size=.* [KM]iB/);
});

test('the options format, key and top reach the tracer', async () => {
  const options = [...FINE, '--format', 'json', '--key', 'filename', '--top', '1'];
  const { code, stderr } = await cli(['run', ...options, PROGRAM]);
  expect(code).toBe(0);
  const report = JSON.parse(stderr);
  expect(report).toMatchObject({ name: 'tracemalloc', sampleInterval: 4096 });
  expect(report.sites).toHaveLength(1);
  expect(report.sites[0].site).toMatch(/program\.mjs$/);
});

test('environment variables apply where no option is given', async () => {
  const env = { TRACEMALLOC: '0', TRACEMALLOC_FORMAT: 'json', TRACEMALLOC_TOP: '2' };
  const { stderr } = await cli(['run', ...FINE, '--top', '1', PROGRAM], { env });
  expect(JSON.parse(stderr).sites).toHaveLength(1);
});

test('-o writes the last snapshot; with --report-at-exit 0 nothing else is written', async () => {
  const file = join(directory, 'last.pb.gz');
  const { code, stderr } = await cli(
    ['run', ...FINE, '--report-at-exit', '0', '-o', 'last.pb.gz', PROGRAM],
    { cwd: directory },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: `tracemalloc: wrote ${file}\n` });
  const [largest] = (await Snapshot.load(file)).statistics('lineno');
  expect(String(largest)).toMatch(/program\.mjs:3: size=/);
});

test('-o with a path that cannot be written prints one line, and keeps the exit code', async () => {
  const output = join(directory, 'missing/last.pb.gz');
  const args = ['run', '--report-at-exit', '0', '-o', output, PROGRAM, 'code'];
  const { code, stderr } = await cli(args);
  expect(code).toBe(7);
  expect(stderr).toMatch(/^tracemalloc: no snapshot: ENOENT.*\n$/);
});

test('an uncaught error ends the program as without tracemalloc', async () => {
  const { code, stdout, stderr } = await cli(['run', ...FINE, PROGRAM, 'throw']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: said('throw') });
  expect(stderr).toContain('Error: boom');
  expect(stderr).toContain('program.mjs:3');
});

test.each([
  { way: 'wait', nodeArguments: [], code: null, signal: 'SIGTERM' },
  { way: 'handle', nodeArguments: [], code: 3, signal: null },
  { way: 'wait', nodeArguments: ['--no-addons'], code: null, signal: 'SIGTERM' },
  { way: 'handle', nodeArguments: ['--no-addons'], code: 3, signal: null },
])(
  'SIGTERM to a program that would $way ($nodeArguments) reaches it, ends it, and causes a report',
  async ({ way, nodeArguments, code, signal }) => {
    const file = join(directory, 'last.pb.gz');
    const command = [...nodeArguments, CLI, 'run', ...FINE, '-o', file, PROGRAM, way];
    const child = spawn(process.execPath, command);
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([code, signal]);
    expect(stderr).toMatch(/#1: \S+program\.mjs:3\b/);
    expect(readdirSync(directory)).toEqual(['last.pb.gz']);
  },
);

test('the command and the program are one process, which a signal ends', async () => {
  const file = join(directory, 'pid.cjs');
  writeFileSync(file, 'console.log(process.pid); setInterval(() => {}, 1000);');
  const child = spawn(process.execPath, [CLI, 'run', file]);
  const [pid] = await once(child.stdout, 'data');
  expect(Number(pid)).toBe(child.pid);
  child.kill('SIGKILL');
  expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
});

test("the program's streams are as the shell opened them", async () => {
  // With other flags, other writers to the same pipe would get EAGAIN.
  const flagsOfStdout = `require('node:fs').readFileSync('/proc/self/fdinfo/1', 'utf8')`;
  const file = join(directory, 'streams.cjs');
  writeFileSync(file, `require('node:fs').writeSync(1, ${flagsOfStdout});`);
  const flags = (text: string) => Number.parseInt(/^flags:\s*(\d+)/m.exec(text)![1]!, 8);
  const { stdout } = await cli(['run', file]);
  expect(flags(stdout) & constants.O_NONBLOCK).toBe(0);
});

test.each([
  [['run'], 'expected app.js [arguments], not 0 operands'],
  [
    ['run', '--sample-interval', '64KB', PROGRAM],
    "--sample-interval 64KB is not 'auto', or a size such as 65536 (bytes), 64KiB or 0.5MiB",
  ],
  [['run', '--traceback-limit', '1', PROGRAM], '--traceback-limit 1 is not a number of frames'],
  [['run', '--nothing', PROGRAM], "Unknown option '--nothing'"],
])('%j: exit code 2, and the program does not start', async (args, reason) => {
  const outcome = await cli(args);
  expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(reason) });
});
