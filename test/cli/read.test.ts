// SPDX-License-Identifier: MIT
// top, diff, convert and doctor, run as by a shell, with the dumps of a real program.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { CLI, cli } from '../support/cli.js';
import { decodeOtlp } from '../support/otlp.js';
import { snapshotOf } from '../support/snapshots.js';

const KEEPER = fileURLToPath(new URL('../fixtures/keeper.mjs', import.meta.url));

let directory: string;
let [older, newer] = ['', ''];
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-')));
  [older, newer] = [join(directory, 'old.pb.gz'), join(directory, 'new.pb.gz')];
  execFileSync(process.execPath, [KEEPER, older, newer]);
});
afterAll(() => rmSync(directory, { recursive: true }));

const COMMANDS = ['run', 'top', 'diff', 'report', 'live', 'why', 'mcp', 'convert', 'doctor'];

test.each(COMMANDS)('%s --help shows usage, examples and exit codes', async (name) => {
  const { code, stdout, stderr } = await cli([name, '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const heading of [`Usage: tracemalloc ${name} `, 'Options:', 'Examples:', 'Exit codes:']) {
    expect(stdout).toContain(heading);
  }
  expect(await cli(['help', name])).toMatchObject({ code: 0, stdout });
});

test('without a command all are listed, with exit code 2; with --help 0', async () => {
  const bare = await cli([]);
  expect(bare).toMatchObject({ code: 2, stderr: '' });
  for (const name of COMMANDS) expect(bare.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect(await cli(['--help'])).toMatchObject({ code: 0, stdout: bare.stdout });
  expect((await cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('top: the line that keeps memory is first; paths are relative to the working directory', async () => {
  const { code, stdout, stderr } = await cli(['top', newer], { cwd: dirname(KEEPER) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [facts, total, header, first] = stdout.split('\n');
  expect(facts).toMatch(
    /new\.pb\.gz: pid \d+, Node v\d+.*line precision, a sample every 4096 B, [\d.]+ % of CPU/,
  );
  expect(total).toMatch(
    /^\d+ KiB live in \d+ sites, charged to your own lines, not to node_modules or Node/,
  );
  expect(header).toMatch(/size +± +count +what +where/);
  expect(first).toMatch(/^ *\d+ KiB +\d+ % +\d+ .* keeper\.mjs:11.* remember$/);
  expect(stdout).not.toContain('\u001b');
});

test('top --key traceback --top 1 shows the stack', async () => {
  const { stdout } = await cli(['top', '-n1', '-k', 'traceback', newer], { cwd: dirname(KEEPER) });
  expect(stdout).toMatch(/keeper\.mjs:11.* remember\n {4}from keeper\.mjs:15 serve\n/);
  expect(stdout).toMatch(/and \d+ more/);
});

test('--include, --exclude, --domain and --frames select what is shown', async () => {
  const only = await cli(['top', '--include', '*keeper.mjs', newer]);
  expect(only.stdout).toContain('keeper.mjs:11');
  expect(only.stdout).not.toContain('node:');
  const without = await cli(['top', '--exclude', '*keeper.mjs', newer]);
  expect(without.stdout).not.toContain('keeper.mjs:');
  expect((await cli(['top', '--domain', 'buffer', newer])).stdout).not.toContain('keeper.mjs:');
  const both = await cli(['top', '--domain', 'none', '--include', '*keeper.mjs', newer]);
  expect(both.stdout).not.toContain('keeper.mjs:');
});

test('--label selects, --key label groups', async () => {
  const [users, orders] = [{ route: 'GET /users', tenant: 'a=b' }, { route: 'GET /orders' }];
  const file = join(directory, 'labels.pb.gz');
  await snapshotOf([
    { at: ['/app/a.js:1'], size: 1000, labels: users },
    { at: ['/app/b.js:2'], size: 2000, labels: orders },
    { at: ['/app/c.js:3'], size: 3000 },
  ]).dump(file);
  const placesIn = async (...args: string[]) =>
    (await cli(['top', ...args, file])).stdout.match(/(?<=\d +)(?:\/app\/\w|route=.*|\(no .*)/g);
  expect(await placesIn('--key', 'label')).toEqual([
    '(no labels) in /app/c.js:3',
    'route=GET /orders in /app/b.js:2',
    'route=GET /users, tenant=a=b in /app/a.js:1',
  ]);
  expect(await placesIn('--label', 'route=GET /users')).toEqual(['/app/a']);
  expect(await placesIn('--label', 'route', '--label', 'tenant=a=b')).toEqual(['/app/a']);
  expect(await placesIn('--label', 'route=')).toBeNull();
});

test.each([
  ['all', 'node:fs:9 open'],
  ['app', '/app/node_modules/x/i.js:5 x in open'],
  ['own', '/app/main.js:3 main in node_modules/x/i.js:5'],
])('--frames %s: memory is attributed to %s', async (frames, charged) => {
  const file = join(directory, 'frames.pb.gz');
  const at = ['/app/main.js:3:main', '/app/node_modules/x/i.js:5:x', 'node:fs:9:open'];
  await snapshotOf([{ at, size: 1000 }]).dump(file);
  const { stdout } = await cli(['top', '--frames', frames, file]);
  expect(stdout.split('\n')[3]?.endsWith(charged), stdout).toBe(true);
  const matching = await cli(['top', '--frames', frames, '--include', '*main.js', file]);
  expect(matching.stdout.includes('main.js:3')).toBe(frames === 'own');
});

test("the tracker's own allocations, as for the first dump, are not shown", async () => {
  const { stdout } = await cli(['top', '-n', '1000', '--frames', 'all', newer]);
  expect(stdout).not.toMatch(/pprof-format|dist\/tracer\.js/);
});

test('diff: growth is first, with its change; in reverse order it shrank', async () => {
  const { code, stdout } = await cli(['diff', older, newer], { cwd: dirname(KEEPER) });
  expect(code).toBe(0);
  expect(stdout.split('\n')[4]).toMatch(/^\+\d+ KiB .* \(\+\d+\) .* keeper\.mjs:11.* remember$/);
  const back = await cli(['diff', newer, older], { cwd: dirname(KEEPER) });
  expect(back.stdout.split('\n')[4]).toMatch(/^-\d+ KiB .* \(-\d+\) .* keeper\.mjs:11/);
});

test('--format md: the same rows as a table, without colours and padding', async () => {
  const env = { FORCE_COLOR: '1' };
  const shows = async (...args: string[]) => {
    const options = { cwd: dirname(KEEPER), env };
    const { code, stdout, stderr } = await cli([...args, '--format', 'md'], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toMatch(/\| {2,}[^|]/);
    return stdout;
  };
  const top = await shows('top', newer);
  expect(top).toMatch(/\n\| size \| ± \| count \| what \| where \|\n\| ---: /);
  expect(top).toMatch(/\n\| \d+ KiB \| \d+ % \| \d+ \| `\S+` \| `keeper\.mjs:11 remember` \|\n/);
  const change =
    /\n\| \+\d+ KiB \| .* \| \d+ KiB \| \d+ \(\+\d+\) .*`keeper\.mjs:11 remember` \|\n/;
  expect(await shows('diff', older, newer)).toMatch(change);
  const report = await shows('report', newer, older);
  expect(report).toMatch(change);
  expect(report).toMatch(
    /\| 100 % \| RSS \|\n[\s\S]*memory over time, pid \d+, \d+ of \d+ readings/,
  );
  expect(await shows('ps')).toMatch(/^\| pid \| uptime \| RSS \| Node \| attach \| script \|\n/);
  expect(await shows('doctor')).toMatch(/^\| fact \| value \|\n[\s\S]*\| trial \| .*: right \|\n/);
});

test.each([
  ['heapprofile', /^\{"head":/],
  ['folded', /;remember \(\S+keeper\.mjs:11\) \d+$/m],
  ['speedscope', /speedscope\.app/],
  ['json', /"name":"tracemalloc-snapshot"/],
  ['text', /^#1: \S+keeper\.mjs:11: size=/],
])('convert --to %s, to stdout and to a file', async (format, expected) => {
  const { code, stdout } = await cli(['convert', newer, '--to', format]);
  expect(code).toBe(0);
  expect(stdout).toMatch(expected);
  const file = join(directory, format);
  expect(await cli(['convert', '--to', format, newer, '-o', file])).toMatchObject({ stdout: '' });
  expect(readFileSync(file, 'utf8')).toBe(stdout);
});

test('convert --to pprof writes an equal snapshot', async () => {
  const file = join(directory, 'again.pb.gz');
  await cli(['convert', newer, '--to', 'pprof', '--output', file]);
  expect((await Snapshot.load(file)).traces).toEqual((await Snapshot.load(newer)).traces);
});

test('convert --to otlp writes OpenTelemetry profiles', async () => {
  const file = join(directory, 'heap.otlp');
  await cli(['convert', newer, '--to', 'otlp', '--output', file]);
  const { profiles } = decodeOtlp(readFileSync(file));
  const snapshot = await Snapshot.load(newer);
  const kept = profiles.map(({ type, samples }) => {
    const of = samples.filter(({ stack }) => /keeper\.mjs:11:remember$/.test(stack[0] ?? ''));
    return [type, of.reduce((sum, { value }) => sum + value, 0)] as const;
  });
  const [site] = snapshot.statistics('lineno');
  const figures = [site!.size, site!.count, site!.allocatedSize!, site!.allocatedCount!];
  const names = ['inuse_space', 'inuse_objects', 'alloc_space', 'alloc_objects'];
  expect(kept.map(([type]) => type)).toEqual(names);
  // Each sample is rounded to a whole number.
  for (const [i, [type, sum]] of kept.entries()) {
    expect(Math.abs(sum - figures[i]!), type).toBeLessThan(10);
  }
});

test('a URL is read like a file, with a token; a refusal shows its reason', async () => {
  const server = createServer(({ url, headers }, response) => {
    if (headers.authorization !== 'Bearer secret') response.writeHead(401).end('no token\n');
    else if (url !== '/debug/pprof/heap') response.writeHead(404).end('not here\n');
    else response.end(readFileSync(newer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const good = await cli(['top', address, '--token', 'secret']);
  expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining('keeper.mjs:11') });
  const env = { TRACEMALLOC_TOKEN: 'secret' };
  expect(await cli(['top', address], { env })).toMatchObject({ code: 0 });
  expect(await cli(['top', address])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `tracemalloc: ${address}/debug/pprof/heap answers 401: no token\n`,
  });
  await new Promise((resolve) => server.close(resolve));
  const gone = await cli(['top', address], { env });
  expect(gone.code).toBe(1);
  expect(gone.stderr).toMatch(/^tracemalloc: can't reach http:\S+: .*ECONNREFUSED.*\n$/);
});

test('a number is the port of a service on this machine, for each command that reads a URL', async () => {
  const server = createServer((_, response) => response.end(readFileSync(newer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const shows = async (...args: string[]) => (await cli(args, { cwd: directory })).stdout;
    expect(await shows('top', `${port}`)).toMatch(
      new RegExp(`^http://127\\.0\\.0\\.1:${port}: [^]*keeper\\.mjs:11`),
    );
    expect(await shows('diff', older, `${port}`)).toContain('keeper.mjs:11');
    expect(await shows('convert', `${port}`, '--to', 'text')).toContain('keeper.mjs:11');
    expect(await shows('report', `${port}`, '-o', 'port.html')).toMatch(/^wrote port\.html/);
    writeFileSync(join(directory, `${port}`), readFileSync(newer));
    expect(await shows('top', `./${port}`), 'a file').toMatch(/^\.\/\d+: /);
  } finally {
    server.close();
  }
});

test.each([
  { args: ['nothing'], code: 2, reason: 'there is no command nothing' },
  { args: ['top'], code: 2, reason: 'expected FILE|URL|PORT, not 0 operands' },
  { args: ['top', 'a', 'b'], code: 2, reason: 'expected FILE|URL|PORT, not 2 operands' },
  { args: ['top', '--colour', 'a'], code: 2, reason: "Unknown option '--colour'" },
  {
    args: ['top', '--top', 'many', 'a'],
    code: 2,
    reason: '--top many is not a number from 1 to 1000',
  },
  {
    args: ['top', '--key', 'size', 'a'],
    code: 2,
    reason: '--key size is not lineno, filename, traceback, function, type or label',
  },
  { args: ['top', '--format', 'html', 'a'], code: 2, reason: '--format html is not text or md' },
  { args: ['live', '--format', 'md', '3000'], code: 2, reason: 'live is a screen' },
  {
    args: ['attach', '--format', 'md', '1'],
    code: 2,
    reason: '--format md needs --for or --report',
  },
  { args: ['convert', 'a'], code: 2, reason: '--to is missing' },
  { args: ['convert', 'a', '--to', 'pdf'], code: 2, reason: '--to pdf is not one of pprof' },
  { args: ['top', '/no/such'], code: 1, reason: 'can\'t read "/no/such"' },
  { args: ['top', CLI], code: 1, reason: 'is not a sound heap profile' },
])('$args: exit code $code, one line on stderr', async ({ args, code, reason }) => {
  const outcome = await cli(args);
  expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(reason) });
  expect(outcome.stderr).toMatch(/^tracemalloc: .*\n$/);
});

test('output to head causes no error message', async () => {
  const long = join(directory, 'long.pb.gz');
  writeFileSync(long, readFileSync(newer));
  const command = `${process.execPath} ${CLI} convert ${long} --to json | head -c 10; echo; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
  expect({ stdout, stderr }).toEqual({ stdout: '{"name":"t\n0\n', stderr: '' });
});

test('output has colours on a terminal, but not with NO_COLOR', async () => {
  const onTerminal = async (env: string) => {
    const command = `${env} ${process.execPath} ${CLI} top ${newer}`;
    const script = ['-qec', command, '/dev/null'];
    return (await promisify(execFile)('script', script, { env: { PATH: '/usr/bin:/bin' } })).stdout;
  };
  expect(await onTerminal('TERM=xterm-256color')).toContain('\u001b[1m');
  expect(await onTerminal('TERM=xterm-256color NO_COLOR=1')).not.toContain('\u001b');
});

test('doctor shows this Node, its precision, and a trial that is right', async () => {
  const { code, stdout, stderr } = await cli(['doctor']);
  expect(stderr).toBe('');
  expect(stdout).toContain(`ABI ${process.versions.modules}`);
  expect(stdout).toMatch(/^trial .* 4096 KiB kept .*: right$/m);
  const isLine = /^precision +line$/m.test(stdout);
  expect(code).toBe(isLine ? 0 : 3);
  expect(stdout).toMatch(isLine ? /^engine +allocation-hook$/m : /^why not line +\S/m);
});

test('doctor shows why addons are not allowed, and what is traced without one', async () => {
  const { code, stdout } = await cli(['doctor'], { args: ['--no-addons'] });
  expect(code).toBe(3);
  expect(stdout).toMatch(/^engine +inspector$/m);
  expect(stdout).toMatch(/^why not line .*--no-addons/m);
  expect(stdout).toMatch(/^trial .* kept in a known file, .*: right$/m);
});

test('doctor shows that nothing can be traced, with exit code 1', async () => {
  const permission = process.version.startsWith('v20.')
    ? '--experimental-permission'
    : '--permission';
  const { code, stdout } = await cli(['doctor'], { args: [permission, '--allow-fs-read=*'] });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^tracing +not possible: ERR_UNSUPPORTED_PLATFORM: .*--allow-addons/m);
});
