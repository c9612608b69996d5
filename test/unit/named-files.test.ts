// SPDX-License-Identifier: MIT
// Files whose names are not trusted: which are read, and the cost of a hostile one. Each test reads
// in its own process, which a pipe would block and /dev/zero would exhaust.
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChildOptions, run } from '../support/child.js';

const SOURCE_LINES = new URL('../../build/modules/files/source-lines.js', import.meta.url).href;

let top: string;
let root: string;
let outside: string;
const at = (...path: string[]) => join(root, ...path);
const socket = createServer();

const TEXT = 'keep(one);\nkeep(two);\r\nkeep(three);\n';
const SECOND = 'keep(two);';

beforeAll(async () => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-files-')));
  [root, outside] = [join(top, 'app'), join(top, 'app-outside')];
  for (const directory of [
    at('sub'),
    at('.hidden'),
    at('directory.js'),
    at('..', '.app'),
    outside,
  ]) {
    mkdirSync(directory, { recursive: true });
  }
  for (const file of [
    ...['app.js', 'sub/app.mts', 'à b%41.cjs', 'page.vue', 'sub/key'],
    ...['.hidden/app.js', '.env.js', 'fake_id_rsa', 'server.pem', 'data.json', 'notes.js.txt'],
  ]) {
    writeFileSync(at(file), TEXT);
  }
  writeFileSync(join(outside, 'app.js'), TEXT);
  writeFileSync(join(top, '.app', 'app.js'), TEXT);
  for (const [link, target] of [
    ['inside-link.js', 'app.js'],
    ['outside-link.js', join(outside, 'app.js')],
    ['outside', outside],
    ['visible', '.hidden'],
    ['key-link.js', 'fake_id_rsa'],
    ['zero.js', '/dev/zero'],
    ['tty.js', '/dev/tty'],
    ['environ.js', '/proc/self/environ'],
    ['root', '/'],
    ['self.js', 'self.js'],
    ['nowhere.js', 'gone.js'],
  ] as const) {
    symlinkSync(target, at(link));
  }
  symlinkSync(root, join(top, 'link-to-app'));
  execFileSync('mkfifo', [at('fifo.js'), at('fifo')]);
  await new Promise<void>((done) => socket.listen(at('socket.js'), done));
  for (const [name, size] of [
    ['terabyte.js', 2 ** 40],
    ['limit.js', 8 * 2 ** 20],
    ['beyond.js', 8 * 2 ** 20 + 1],
  ] as const) {
    const file = openSync(at(name), 'w');
    writeSync(file, TEXT);
    ftruncateSync(file, size);
    closeSync(file);
  }
});
afterAll(() => {
  socket.close();
  rmSync(top, { recursive: true });
});

interface Asked {
  readonly sources?: boolean | readonly string[];
  readonly lineno?: number;
}

/** The second line of each file, as it is shown. */
async function linesOf(
  names: readonly string[],
  { sources = true, lineno = 2 }: Asked = {},
  options: ChildOptions = {},
): Promise<string[]> {
  const list = join(top, 'names.json'); // too long for an argument
  writeFileSync(list, JSON.stringify(names));
  const { stdout, stderr, code, signal } = await run(
    new URL('../fixtures/named-files/tells-lines.mjs', import.meta.url),
    { argv: [SOURCE_LINES, list, JSON.stringify(sources), String(lineno)], cwd: root, ...options },
  );
  expect({ stderr, code, signal }).toEqual({ stderr: '', code: 0, signal: null });
  const { lines, rss } = JSON.parse(stdout);
  expect(rss).toBeLessThan(512 * 2 ** 20);
  return lines;
}

const none = (names: readonly string[]) => names.map(() => '');

test('scripts below the working directory are shown, by absolute and relative path and by URL', async () => {
  const names = [
    at('app.js'),
    at('sub', 'app.mts'),
    at('page.vue'),
    at('à b%41.cjs'),
    pathToFileURL(at('à b%41.cjs')).href,
    pathToFileURL(at('app.js')).href,
    at('sub', '..', 'app.js'),
    at('inside-link.js'),
    at('limit.js'),
    join(top, 'app-outside', '..', 'app', 'app.js'),
    'app.js',
    './sub/app.mts',
  ];
  expect(await linesOf(names)).toEqual(names.map(() => SECOND));
});

test('no file of another place or another kind, and no hidden file, is shown', async () => {
  const names = [
    join(outside, 'app.js'),
    at('..', 'app-outside', 'app.js'),
    at('outside-link.js'),
    at('outside', 'app.js'),
    at('root', outside, 'app.js'),
    at('.hidden', 'app.js'),
    at('sub', '..', '.hidden', 'app.js'),
    `${root}/./.hidden/./app.js`,
    at('visible', 'app.js'),
    at('.env.js'),
    join(top, '.app', 'app.js'),
    at('fake_id_rsa'),
    at('key-link.js'),
    ...['server.pem', 'data.json', 'notes.js.txt', 'sub/key', 'sub/key/.js'].map((name) =>
      at(name),
    ),
    ...['/etc/passwd', '/proc/self/environ', '/proc/self/cwd/../../etc/passwd', '/dev/tty'],
    ...['', '.', '..', '/', 'node:fs', '(native)', '<unknown>', 'evalmachine.<anonymous>'],
    'data:text/javascript,//%0Akeep(two);.js',
    'http://127.0.0.1/app.js',
    pathToFileURL(join(outside, 'app.js')).href,
    `file://${root}/%2ehidden/app.js`,
    `file://${root}/%2e%2e/app-outside/app.js`,
    `file://${root}/..%2Fapp-outside%2Fapp.js`,
    `file://host${root}/app.js`,
    `file://${root}/app.js%00`,
    `file://${root}/app%zz.js`,
    'file:app.js',
    'C:\\app\\app.js',
    '\\\\server\\share\\app.js',
    '..\\app-outside\\app.js',
    `${at('app.js')}\0`,
    `${at('app')}\0.js`,
    at('app.js '),
    at('app.js', 'app.js'),
    at('directory.js'),
    at('self.js'),
    at('nowhere.js'),
    at(`${'x'.repeat(2 ** 20)}.js`),
    `/${'../'.repeat(2 ** 18)}${outside}/app.js`,
    `${'sub/'.repeat(2 ** 18)}app.js`,
  ];
  expect(await linesOf(names)).toEqual(none(names));
});

test('pipes, devices, sockets and large files are skipped at once', async () => {
  const names = [
    ...['fifo', 'fifo.js', 'zero.js', 'tty.js', 'environ.js', 'socket.js'].map((name) => at(name)),
    ...['terabyte.js', 'beyond.js'].map((name) => at(name)),
    ...['/dev/zero', '/dev/full', '/dev/stdin', '/dev/fd/0', '/proc/kmsg', '/proc/self/mem'],
  ];
  expect(await linesOf(names)).toEqual(none(names));
});

test('named directories, and links to them, replace the working directory', async () => {
  const names = [at('app.js'), join(outside, 'app.js'), join(top, 'link-to-app', 'app.js')];
  expect(await linesOf(names, { sources: [outside] })).toEqual(['', SECOND, '']);
  expect(await linesOf(names, { sources: ['../app-outside', '.'] })).toEqual([SECOND, SECOND, '']);
  expect(await linesOf(names, { sources: [join(top, 'link-to-app')] })).toEqual([
    SECOND,
    '',
    SECOND,
  ]);
  expect(await linesOf(names, { sources: [join(top, 'gone'), ''] })).toEqual([SECOND, '', '']);
  for (const sources of [false, []]) expect(await linesOf(names, { sources })).toEqual(none(names));
  // A named directory may itself be hidden.
  const hidden = at('.hidden', 'app.js');
  expect(await linesOf([hidden], { sources: [at('.hidden')] })).toEqual([SECOND]);
});

test.each([0, -1, 5, 0.5, 2 ** 53])('line %d does not exist', async (lineno) => {
  expect(await linesOf([at('app.js')], { lineno })).toEqual(['']);
});

test('the total bytes read have a bound, however many files are named', async () => {
  const names = Array.from({ length: 40 }, (_, i) => at(`large-${i}.js`));
  for (const name of names) {
    const file = openSync(name, 'w');
    writeSync(file, TEXT);
    ftruncateSync(file, 4 * 2 ** 20);
    closeSync(file);
  }
  const shown = (await linesOf(names)).filter((line) => line === SECOND);
  expect(shown.length).toBe(16);
});

test('a file that grows during reading is shown with its old text, or not at all', async () => {
  const growing = at('growing.js');
  writeFileSync(growing, TEXT);
  const program = fileURLToPath(new URL('../fixtures/named-files/grows.mjs', import.meta.url));
  const writer = spawn(process.execPath, [program, growing, String(TEXT.length)]);
  try {
    const lines = await linesOf(
      Array.from({ length: 200 }, (_, i) => at(...Array(i).fill('.'), 'growing.js')),
    );
    for (const line of lines) expect(['', SECOND]).toContain(line);
  } finally {
    writer.kill('SIGKILL');
  }
});

test('a deleted working directory has no scripts', async () => {
  const gone = join(top, 'gone');
  mkdirSync(gone);
  const lines = await run(new URL('../fixtures/named-files/directory-gone.mjs', import.meta.url), {
    argv: [SOURCE_LINES, at('app.js')],
    cwd: gone,
  });
  expect(lines).toMatchObject({ stdout: '""\n', stderr: '', code: 0 });
});

test.each([undefined, null, 1, 'app', [1], {}])('sources: %j is refused', async (sources) => {
  const { sourceLines } = (await import(
    SOURCE_LINES
  )) as typeof import('../../src/files/source-lines.js');
  expect(() => sourceLines(sources as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
  );
});
