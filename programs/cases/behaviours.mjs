// SPDX-License-Identifier: MIT
// Small programs, each of which does one thing that a tracer could disturb, in the form of
// programs.mjs.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ask, portOf } from './requests.mjs';

const FILES = join(import.meta.dirname, '../behaviours');
const hasMajor = (executable, major) =>
  Number(/node-v(\d+)/.exec(executable)?.[1] ?? process.versions.node.split('.')[0]) >= major;

/** `own`: the program needs none of the installed packages. */
const behaviour = (name, about, ends, more = {}) => {
  const { file = `${name}.mjs`, args = [], argv = [], ...others } = more;
  return {
    name,
    about,
    ends,
    own: true,
    prepare: ({ directory }) => cpSync(FILES, directory, { recursive: true }),
    command: () => [...args, file, ...argv],
    ...others,
  };
};

export const behaviours = [
  behaviour('exit-in-handler', 'calls `process.exit` in a request handler', 7, {
    drive: async (child) => {
      const port = await portOf(child);
      const answers = await ask(port, [
        ['GET', '/'],
        ['GET', '/'],
      ]);
      const last = await ask(port, [['GET', '/end']]).catch(({ code }) => code);
      return `${answers}\n${last}`;
    },
    normalize: (text) => text.replace(/listening on \d+/, ''),
  }),
  behaviour('uncaught', 'throws where nobody catches', 1),
  behaviour('rejection', 'rejects where nobody waits', 1),
  behaviour('handled', 'handles what nobody caught, works on in `beforeExit`, throws at exit', 3),
  behaviour('sigterm', 'is ended by SIGTERM', 'SIGTERM', {
    file: 'waits.mjs',
    drive: sending('SIGTERM'),
  }),
  behaviour('sigint', 'handles SIGINT', 130, {
    file: 'waits.mjs',
    argv: ['handles'],
    drive: sending('SIGINT'),
  }),
  behaviour('forks', 'a tree of forked processes that talk to their parents', 0),
  behaviour('clustered', 'a cluster whose workers come and go', 0),
  behaviour(
    'pool',
    "piscina's thread pool; threads that exit, throw, are terminated, run out of heap",
    0,
    {
      own: false,
    },
  ),
  behaviour('maps', 'fails in a line that a source map gives', 1, {
    args: ['--enable-source-maps'],
    file: 'maps.js',
    own: false,
    prepare: (place) => {
      cpSync(join(FILES, 'maps.ts'), join(place.directory, 'maps.ts'));
      const options = ['--sourceMap', '--target', 'es2022', '--module', 'commonjs'];
      const { status, stdout } = spawnSync(
        place.executable,
        [place.module('typescript/bin/tsc'), ...options, 'maps.ts'],
        { cwd: place.directory, encoding: 'utf8' },
      );
      if (status !== 0) throw new Error(`tsc ended with ${status}: ${stdout}`);
    },
  }),
  behaviour('node --test', "Node's test runner", 0, { args: ['--test'], file: 'passing.test.mjs' }),
  behaviour('node --test, failing', "Node's test runner, one test fails", 1, {
    args: ['--test'],
    file: 'failing.test.mjs',
  }),
  behaviour('inspects', 'profiles, covers, snapshots and evaluates through `node:inspector`', 0),
  behaviour('samples', "samples the heap by V8's sampler, through `node:inspector`", 0, {
    differs:
      'V8 has room for one heap sampler; where tracemalloc has it, the program finds no samples',
  }),
  behaviour('heap-prof', 'the same by `--heap-prof`', 0, {
    args: ['--heap-prof'],
    file: 'contexts.mjs',
    unstable: [/\.heapprofile$/],
    untraced: /another heap sampler/,
  }),
  behaviour('cpu-prof', 'runs under `--cpu-prof`', 0, {
    args: ['--cpu-prof'],
    file: 'contexts.mjs',
    unstable: [/\.cpuprofile$/],
  }),
  behaviour('flags', "changes V8's flags by `v8.setFlagsFromString`", 0),
  behaviour('exhausts', 'runs out of heap under `--max-old-space-size=40`', 'SIGABRT', {
    args: ['--max-old-space-size=40'],
    // Before this line, V8 prints garbage collections, with their times; and it has two messages
    // for an exhausted heap.
    normalize: (text) => /^FATAL ERROR: .*(- .*)/m.exec(text)?.[1] ?? text,
  }),
  behaviour('recursion', 'overflows the stack while it allocates', 1),
  behaviour('abort', 'calls `process.abort`', 'SIGABRT', {
    file: 'ends.mjs',
    argv: ['abort'],
    silent: true,
    normalize: withoutAddresses,
  }),
  behaviour('kill', 'is killed', 'SIGKILL', { file: 'ends.mjs', argv: ['kill'], silent: true }),
  behaviour('reallyExit', 'ends without `exit` events', 9, {
    file: 'ends.mjs',
    argv: ['reallyExit'],
    silent: true,
  }),
  behaviour('pipes', 'a filter from stdin to stdout', 0, {
    stdin: 'some text, again and again\n'.repeat(100_000),
  }),
  behaviour('writes', 'writes into a pipe that is closed', 5, {
    drive: async (child) => {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      child.stdout.destroy();
      return '';
    },
    // The number of lines read before varies.
    normalize: (text) => (text.startsWith('line ') ? '' : text),
  }),
  behaviour('changes-globals', 'changes prototypes, timers, clocks, `fs` and `Error`', 0),
  behaviour('no-directory', 'runs on in a directory that was removed', 0),
  behaviour('looks-around', 'says what it sees of its process', 0),
  behaviour('memories', 'ArrayBuffers transferred, resized, shared; WebAssembly memory', 0),
  behaviour('contexts', '`node:vm`, proxies, generators, regular expressions', 0),
  behaviour('fetches', '`fetch` against its own server', 0),
  behaviour('jitless', 'runs under `--jitless`', 0, { args: ['--jitless'], file: 'contexts.mjs' }),
  behaviour('strict', 'turns deprecations and warnings into errors', 0, {
    args: ['--throw-deprecation', '--pending-deprecation', '--unhandled-rejections=strict'],
    file: 'contexts.mjs',
  }),
  behaviour('frozen', 'runs with frozen intrinsics, and no code from strings', 0, {
    args: [
      '--frozen-intrinsics',
      '--disallow-code-generation-from-strings',
      '--disable-proto=throw',
    ],
    file: 'fetches.mjs',
  }),
  behaviour('repl', 'the REPL', 0, {
    command: () => ['-i'],
    stdin: 'const a = [1, 2, 3].map((x) => ({ x }))\na\nthrow new Error("no")\n.exit\n',
  }),
  behaviour('syntax-error', 'has a syntax error', 1, {
    command: () => ['--eval', 'const = 1'],
  }),
  behaviour('check', 'is only checked', 0, {
    args: ['--check'],
    file: 'fetches.mjs',
    silent: true,
  }),
  behaviour('version', 'says its version', 0, { command: () => ['--version'], silent: true }),
  behaviour('missing', 'a file that is not there', 1, { file: 'missing.mjs' }),
  behaviour('permission', 'runs under the permission model, which forbids addons', 0, {
    command: ({ executable }) => [
      hasMajor(executable, 24) ? '--permission' : '--experimental-permission',
      '--allow-fs-read=*',
      'contexts.mjs',
    ],
    untraced: /addons are disabled/,
  }),
  behaviour('no-addons', 'runs without addons', 0, {
    args: ['--no-addons'],
    file: 'contexts.mjs',
  }),
];

function sending(signal) {
  return async (child) => {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill(signal);
    return '';
  };
}

function withoutAddresses(text) {
  return text.replace(/^ *\d+: 0x[0-9a-f]+ .*$/gm, 'frame').replace(/(frame\n)+/g, 'frames\n');
}
