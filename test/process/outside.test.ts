// SPDX-License-Identifier: MIT
// The files that a program's scripts may name, and the data that may leave the program, in real
// processes.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programs, REGISTER, run } from '../support/child.js';
import { expectPlain } from '../support/hostile-names.js';

const ask = programs<typeof import('../fixtures/outside.mjs')>('outside');

let directory: string;
const at = (name: string) => join(directory, name);
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-outside-')));
  execFileSync('mkfifo', [at('fifo.js'), at('fifo.map')]);
  symlinkSync('/dev/zero', at('zero.map'));
  const huge = openSync(at('huge.map'), 'w');
  ftruncateSync(huge, 2 ** 40);
  closeSync(huge);
  mkdirSync(at('directory.map'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const SECRET = 'hunter2-RUNTIME';

/** The sites of these scripts, reported by a program whose memory must stay below a bound. */
async function sitesOf(names: readonly string[], text: (name: string) => string) {
  const list = at('scripts.json'); // too long for an argument
  writeFileSync(list, JSON.stringify(names.map((name) => ({ name, text: text(name) }))));
  const { sites, maps, rss } = await ask<{
    sites: [file: string, line: number][];
    maps: { used: number; broken: number };
    rss: number;
  }>('sitesOf', { given: { list }, cwd: directory });
  expect(rss).toBeLessThan(512 * 2 ** 20);
  return { sites: sites.map(([file, line]) => `${file}:${line}`), maps };
}

const KEEP = '(function leak() { for (let i = 0; i < 2000; i++) kept.push({ i }); })';

test('a snapshot is taken even if scripts have the names of pipes, devices or anything', async () => {
  const names = [
    ...['/dev/zero', '/dev/tty', '/proc/self/environ', '/proc/kmsg', at('fifo.js'), directory],
    ...['/dev/zero/x.js', `${at('fifo.js')}\0`, 'file:///dev/zero', `/${'x'.repeat(2 ** 20)}.js`],
  ];
  const { sites } = await sitesOf(names, () => KEEP);
  for (const name of ['/dev/zero:1', `${at('fifo.js')}:1`, '/proc/self/environ:1']) {
    expect(sites).toContain(name);
  }
});

test('a snapshot is taken even if a script names a pipe, a device, a directory or a terabyte as its map', async () => {
  const maps = [
    ...['fifo.map', 'zero.map', 'huge.map', 'directory.map', 'gone.map', '/dev/zero', '/dev/stdin'],
    ...['/proc/self/environ', 'file:///dev/zero', 'x%zz.map', 'x%00.map', '..', '.', '/', '?', '#'],
  ];
  const scripts = maps.map((map, i) => {
    const script = at(`named-${i}.js`);
    writeFileSync(script, `${KEEP}\n//# sourceMappingURL=${map}\n`);
    return script;
  });
  const { sites, maps: counts } = await sitesOf(scripts, (name) => readFileSync(name, 'utf8'));
  for (const script of scripts) expect(sites).toContain(`${script}:1`);
  expect(counts).toEqual({ used: 0, broken: maps.length });
});

test('maps in sections are used; broken or huge ones are counted as broken', async () => {
  const part = { version: 3, sources: ['original.ts'], names: [], mappings: 'AAAA;AACA;AACA' };
  const begin = { line: 0, column: 0 };
  const cases: Record<string, [map: unknown, at: string | undefined]> = {
    whole: [{ ...part, mappings: ';;AACA' }, 'original.ts:2'],
    parts: [
      {
        version: 3,
        sections: [
          { offset: begin, map: part },
          { offset: { line: 2, column: 0 }, map: { ...part, sources: ['second.ts'] } },
        ],
      },
      'second.ts:1',
    ],
    nested: [
      {
        version: 3,
        sections: [
          {
            offset: begin,
            map: { version: 3, sections: [{ offset: { line: 2, column: 0 }, map: part }] },
          },
        ],
      },
      'original.ts:1',
    ],
    far: [{ version: 3, sections: [{ offset: { line: 1e9, column: 0 }, map: part }] }, undefined],
    negative: [
      { version: 3, sections: [{ offset: { line: -1, column: 0 }, map: part }] },
      undefined,
    ],
    endless: [
      { version: 3, sections: [{ offset: { line: '1e9', column: 0 }, map: part }] },
      undefined,
    ],
    mapless: [{ version: 3, sections: [{ offset: begin }] }, undefined],
    long: [{ ...part, mappings: ';'.repeat(20e6) }, undefined],
    'other-host': [
      { ...part, sources: ['file://host/x.ts'], mappings: ';;AACA' },
      'file://host/x.ts:2',
    ],
  };
  const scripts = Object.keys(cases).map((name) => {
    writeFileSync(at(`${name}.map`), JSON.stringify(cases[name]![0]));
    writeFileSync(at(`${name}.js`), `\n\n${KEEP}\n//# sourceMappingURL=${name}.map\n`);
    return at(`${name}.js`);
  });
  const { sites, maps } = await sitesOf(scripts, (name) => readFileSync(name, 'utf8'));
  const places = Object.values(cases).map(([, place]) => place);
  for (const [i, place] of places.entries()) {
    if (place === undefined) expect(sites).toContain(`${scripts[i]}:3`);
    else expect(sites).toContain(place.startsWith('file:') ? place : at(place));
  }
  const used = places.filter((place) => place !== undefined).length;
  expect(maps).toEqual({ used, broken: places.length - used });
});

test.each(['line', 'function'] as const)(
  '%s precision: names that a program creates at run time are not reported',
  async (precision) => {
    writeFileSync(
      at('named.mjs'),
      'globalThis.v = []; for (let i = 0; i < 2000; i++) v.push({ i });\n',
    );
    const told = await ask<Record<string, string> & { types: string; files: string }>(
      'namedAtRunTime',
      {
        given: {
          named: at('named.mjs'),
          precision,
        },
        args: ['--expose-gc'],
        cwd: directory,
      },
    );
    for (const text of Object.values(told)) {
      for (const part of [
        SECRET,
        'hunter2',
        'RUNTIME',
        encodeURIComponent(SECRET),
        btoa(SECRET).slice(0, 8),
      ]) {
        expect(text).not.toContain(part);
      }
    }
    expect(told.files).toMatch(/data:text\/javascript,…#[0-9a-f]{8}/);
    expect(told.files).toContain(at('named.mjs'));
    if (precision === 'function') return; // without types
    const types = told.types.split(' | ');
    for (const name of [
      'Told',
      'Derived',
      'Renamed',
      'Old',
      'Static',
      'Set',
      'Date',
      'Promise',
      'Array Iterator',
      'Object',
    ]) {
      expect(types).toContain(name);
    }
  },
);

test('track() reports no source text either', async () => {
  const files = await ask<string[]>('trackedSource', { given: { secret: SECRET } });
  expect(files.join()).not.toContain('hunter2');
  expect(files.join()).toMatch(/data:text\/javascript,…#[0-9a-f]{8}/);
});

const EVIL = 'evil\u001b]0;PWNED\u0007\u202e\nFAKE\u009b';
const HOSTILE = `
  const { Script } = require('node:vm');
  const source = '({ "f ' + ${JSON.stringify(JSON.stringify(EVIL).slice(1, -1))} + '"(kept) { for (;;) { kept.push(new Array(1000)); if (kept.length > LIMIT) return; } } })';
  const [leak] = Object.values(new Script(source, { filename: ${JSON.stringify(`/srv/${EVIL}.js`)} }).runInThisContext());
`;

test.each(['text', 'json'])('hostile names forge nothing in a report as %s', async (format) => {
  const program = at('hostile.cjs');
  writeFileSync(program, `globalThis.LIMIT = 3000; ${HOSTILE} globalThis.kept = []; leak(kept);`);
  const { code, stderr } = await run(new URL(`file://${program}`), {
    args: ['--require', REGISTER],
    env: {
      TRACEMALLOC: '1',
      TRACEMALLOC_SAMPLE_INTERVAL: '4KiB',
      TRACEMALLOC_REPORT_AT_EXIT: '1',
      TRACEMALLOC_FORMAT: format,
    },
  });
  expect(code).toBe(0);
  expectPlain(stderr);
  const sites =
    format === 'json' ? JSON.parse(stderr).sites.map((row: { site: string }) => row.site) : [];
  if (format === 'json') expect(sites).toContain(`/srv/${EVIL}.js:1`);
  else
    expect(stderr).toMatch(
      /#1: \/srv\/evil\\u001b\]0;PWNED\\u0007\\u202e\\nFAKE\\u009b\.js:1 \(f evil\\u001b/,
    );
});

test.each(['text', 'json'])(
  'hostile names forge nothing in the last report, without JavaScript, as %s',
  async (format) => {
    const program = at('exhausts.cjs');
    writeFileSync(
      program,
      `globalThis.LIMIT = Infinity; ${HOSTILE} globalThis.kept = []; leak(kept);`,
    );
    const { signal, stderr } = await run(new URL(`file://${program}`), {
      args: ['--require', REGISTER, '--max-old-space-size=64'],
      env: {
        TRACEMALLOC: '1',
        TRACEMALLOC_SAMPLE_INTERVAL: '64KiB',
        TRACEMALLOC_FORMAT: format,
        TRACEMALLOC_REPORT_EVERY: '0',
      },
    });
    expect(signal).toBe('SIGABRT');
    const own = stderr.slice(stderr.search(/tracemalloc: near|\{"name":"tracemalloc"/));
    const end = format === 'json' ? own.indexOf('\n') : own.indexOf('\n', own.indexOf('#1: '));
    expectPlain(own.slice(0, end));
    if (format === 'json') {
      expect(JSON.parse(own.slice(0, end)).sites[0].site).toBe(`/srv/${EVIL}.js:1`);
    } else {
      expect(own.slice(0, end)).toMatch(
        /#1: \/srv\/evil\\u001b\]0;PWNED\\u0007\\u202e\\nFAKE\\u009b\.js:1/,
      );
    }
  },
);

test('a dump replaces a link planted at its path, and leaves the target of the link untouched', async () => {
  const [dumps, victim] = [at('dumps'), at('victim')];
  mkdirSync(dumps);
  writeFileSync(victim, 'untouched');
  const clock = fileURLToPath(new URL('../fixtures/fixed-clock.cjs', import.meta.url));
  const { code } = await run(new URL('../fixtures/plants-link.cjs', import.meta.url), {
    args: ['--require', clock, '--require', REGISTER],
    argv: [dumps, victim],
    env: {
      TRACEMALLOC: '1',
      TRACEMALLOC_SIGNAL: 'SIGUSR2',
      TRACEMALLOC_DIR: dumps,
      TRACEMALLOC_REPORT_EVERY: '0',
    },
  });
  expect(code).toBe(0);
  expect(readFileSync(victim, 'utf8')).toBe('untouched');
  expect(readdirSync(dumps)).toHaveLength(1);
});

test.each(['a pipe', 'an endless device'])(
  '%s above a program in place of its package.json',
  async (what) => {
    const above = mkdtempSync(at('above-'));
    if (what === 'a pipe') execFileSync('mkfifo', [join(above, 'package.json')]);
    else symlinkSync('/dev/zero', join(above, 'package.json'));
    mkdirSync(join(above, 'inner'));
    const program = join(above, 'inner/program.mjs');
    writeFileSync(program, "console.log('ran');");
    const { code, stdout, stderr } = await run(new URL(`file://${program}`), {
      args: ['--require', REGISTER],
      env: { TRACEMALLOC: '1', TRACEMALLOC_REPORT_AT_EXIT: '1' },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ran\n' });
    expect(JSON.parse(stderr)).not.toHaveProperty('app');
  },
);

test('a pipe with the name of a dump in the directory of dumps is ignored', async () => {
  const { cli } = await import('../support/cli.js');
  const mixed = at('mixed');
  mkdirSync(mixed);
  execFileSync('mkfifo', [join(mixed, 'a.pb.gz')]);
  expect(await cli(['report', mixed], { cwd: directory })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no dump'),
  });
});
