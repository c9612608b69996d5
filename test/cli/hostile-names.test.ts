// SPDX-License-Identifier: MIT
// Dumps and servers with names that attack the terminal, the log or the browser of their reader:
// every output for people, compared with the output for harmless names.

import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparison, topSites } from '../../src/cli/listing.js';
import { liveView } from '../../src/cli/live-view.js';
import { cut, layOut } from '../../src/cli/table.js';
import {
  diffToText,
  toFolded,
  toHeapProfile,
  toJson,
  toSpeedscope,
  toText,
} from '../../src/exporters/index.js';
import { reportMarkdown } from '../../src/report/report-markdown.js';
import { formatReport } from '../../src/report/report-text.js';
import { makeReport } from '../../src/report/series.js';
import type { KeyType } from '../../src/snapshot/grouping.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { Frame } from '../../src/traces/frame.js';
import { Trace } from '../../src/traces/trace.js';
import { Traceback } from '../../src/traces/traceback.js';
import { cli } from '../support/cli.js';
import { expectPlain, HOSTILE_NAMES, randomName } from '../support/hostile-names.js';

/** A trace for each name, with the name in every text of it. */
function snapshotOf(names: readonly string[], size = 1e6): Snapshot {
  const traces = names.map(
    (name, i) =>
      new Trace({
        domain: `domain ${name}`,
        size: size + i,
        count: 1,
        samples: 1,
        variance: 0,
        allocatedSize: size,
        allocatedCount: 1,
        types: [{ type: `type ${i} ${name}`, size: size + i, count: 1 }],
        labels: { route: `GET /${i} ${name}` },
        traceback: new Traceback([
          new Frame(`/app/main ${name}.js`, 3, { functionName: `main ${name}` }),
          new Frame(`/app/${i} ${name}.js`, i + 1, { functionName: `keep ${i} ${name}` }),
          new Frame(`/app/node_modules/${name}.js`, 5, { functionName: `make ${name}` }),
        ]),
      }),
  );
  const memoryUsage = { rss: 1e8, heapTotal: 1e7, heapUsed: 1e7, external: 1, arrayBuffers: 1 };
  return new Snapshot(traces, {
    tracebackLimit: 16,
    sampleInterval: 1024,
    timestamp: 1e12,
    domains: ['heap', `domain ${names[0]}`],
    precision: 'line',
    process: { pid: 1, threadId: 0, nodeVersion: `v24 ${names[0]}`, memoryUsage },
  });
}

// The built module, which has its page.
const built: string = new URL('../../dist/exporters/index.js', import.meta.url).href;
const { toHtml } = (await import(built)) as typeof import('../../src/exporters/index.js');

const RANDOM = Array.from({ length: 300 }, (_, seed) => randomName(seed));
const KEYS: readonly KeyType[] = ['lineno', 'filename', 'function', 'traceback', 'type', 'label'];
const top = 1000;

let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-')));
});
afterAll(() => rmSync(directory, { recursive: true }));

const reportOf = (snapshot: Snapshot, keyType: KeyType) =>
  makeReport({
    snapshot,
    previous: new Snapshot([], snapshot),
    top,
    keyType,
    frames: 'own',
    traced: { current: 1, peak: 1 },
  });

/** Every text for people, by the function that writes it. */
const outputs = (names: readonly string[]): Record<string, string> => {
  const snapshot = snapshotOf(names);
  const older = snapshotOf(names, 5e5);
  const screen = { columns: 10_000, rows: 10_000, styled: (_: string, text: string) => text };
  const state = {
    source: `http://${names[0]}`,
    first: older,
    latest: snapshot,
    history: [{ rss: 1, heapUsed: 1 }],
    problem: `server says ${names[0]}`,
    sort: 'size',
    frames: 'own',
    filter: '',
    isTyping: false,
    showsHelp: false,
    marked: 0,
    restarts: 0,
  } as const;
  const made: Record<string, string> = {
    folded: toFolded(snapshot),
    json: toJson(snapshot),
    heapprofile: toHeapProfile(snapshot),
    speedscope: toSpeedscope(snapshot),
  };
  for (const keyType of KEYS) {
    made[`text ${keyType}`] = toText(snapshot, { keyType, top, frames: 'own' });
    made[`diff ${keyType}`] = diffToText(older, snapshot, { keyType, top, frames: 'own' });
    made[`report ${keyType}`] = formatReport(reportOf(snapshot, keyType));
    made[`report md ${keyType}`] = reportMarkdown(reportOf(snapshot, keyType));
    const filters = { include: [], exclude: names.slice(0, 2), domain: undefined, label: [] };
    const view = { top, key: keyType, frames: 'own', ...filters } as const;
    const [was, is] = [older, snapshot].map((each) => ({ source: names[0]!, snapshot: each }));
    for (const format of ['text', 'md'] as const) {
      made[`top ${format} ${keyType}`] = topSites(is!, view, format);
      made[`comparison ${format} ${keyType}`] = comparison(was!, is!, view, format);
    }
    made[`live ${keyType}`] = liveView(
      { ...state, history: [...state.history], key: keyType },
      screen,
    ).join('\n');
    const statistics = snapshot.statistics(keyType, { frames: 'own' });
    made[`statistics ${keyType}`] = statistics.map(String).join('\n');
    made[`format ${keyType}`] = statistics.flatMap((row) => row.traceback.format()).join('\n');
  }
  made['typed'] = liveView(
    { ...state, history: [], key: 'lineno', isTyping: true, filter: `none ${names[0]}` },
    screen,
  ).join('\n');
  return made;
};

describe.each([
  ['chosen', HOSTILE_NAMES],
  ['random', RANDOM],
])('%s names', (_, names) => {
  const hostile = outputs(names);
  const harmless = outputs(names.map((_, i) => `name ${i}`));

  test.each(Object.keys(hostile))('%s: plain, without extra lines', (name) => {
    const text = hostile[name] as string;
    expectPlain(text);
    // The number of rows is equal, also where names differ only in what a grouping ignores.
    expect(text.split('\n').length).toBe(harmless[name]!.split('\n').length);
  });

  test('the texts of the page are plain, and end no element', () => {
    const snapshot = snapshotOf(names);
    const html = toHtml(snapshot, { source: names[0]!, old: snapshot, oldSource: names[1]! });
    const [, json] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)!;
    expectPlain(json!);
    const texts: string[] = [];
    JSON.parse(json!, (_, value) => {
      if (typeof value === 'string') texts.push(value);
      return value;
    });
    expect(texts.length).toBeGreaterThan(names.length);
    for (const text of texts) expectPlain(text.replaceAll('\n', '\u0000'));
    const [, policy] = /content="(default-src [^"]*)"/.exec(html)!;
    expect(policy).toContain("default-src 'none'");
  });

  test('JSON, other formats for programs, and reports keep the names', async () => {
    const { frames } = JSON.parse(hostile['json'] as string);
    const kept = new Set(frames.map(({ filename }: { filename: string }) => filename));
    const functions = new Set(
      JSON.parse(hostile['speedscope'] as string).shared.frames.map(
        (f: { name: string }) => f.name,
      ),
    );
    const sites = new Set(reportOf(snapshotOf(names), 'lineno').sites.map(({ site }) => site));
    const file = join(directory, 'kept.pb.gz');
    await snapshotOf(names).dump(file);
    const loaded = new Set(
      (await Snapshot.load(file)).traces.map(({ traceback }) => traceback.at(1)!.filename),
    );
    for (const [i, name] of names.entries()) {
      expect(kept).toContain(`/app/${i} ${name}.js`);
      expect(functions).toContain(`keep ${i} ${name}`);
      expect(sites).toContain(`/app/${i} ${name}.js:${i + 1}`);
      expect(loaded).toContain(`/app/${i} ${Buffer.from(name).toString()}.js`);
    }
  });
});

test('each command shows a hostile dump as plain text', { timeout: 120_000 }, async () => {
  await snapshotOf(HOSTILE_NAMES, 5e5).dump(join(directory, 'old.pb.gz'));
  await snapshotOf(HOSTILE_NAMES).dump(join(directory, 'evil.pb.gz'));
  await snapshotOf(HOSTILE_NAMES.map((_, i) => `name ${i}`)).dump(join(directory, 'good.pb.gz'));
  const run = async (...args: string[]) => {
    const outcome = await cli(args, { cwd: directory });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expectPlain(outcome.stdout);
    return outcome.stdout;
  };
  const [evil, good] = [
    await run('top', '-n', '99', '-k', 'traceback', 'evil.pb.gz'),
    await run('top', '-n', '99', '-k', 'traceback', 'good.pb.gz'),
  ];
  expect(evil.split('\n').length).toBe(good.split('\n').length);
  await run('diff', '-n', '99', 'old.pb.gz', 'evil.pb.gz');
  for (const format of ['text', 'json']) await run('convert', 'evil.pb.gz', '--to', format);
  await run('report', 'evil.pb.gz', 'old.pb.gz', '-o', 'evil.html');
  expect(readFileSync(join(directory, 'evil.html'), 'utf8')).not.toContain('<img src=x');
});

test("a server's response and wrong arguments are shown in one plain line", {
  timeout: 120_000,
}, async () => {
  const said = HOSTILE_NAMES.join(' ').replaceAll('\n', ' ');
  const server = createServer((_, response) => response.writeHead(500).end(said));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    for (const args of [
      ['top', `http://127.0.0.1:${port}`],
      ['report', `http://127.0.0.1:${port}/\u202e`],
      ...HOSTILE_NAMES.slice(4, 6).map((name) => ['top', name]),
      ['report', `http://[${HOSTILE_NAMES[10]}]/`],
      ['top', `--${HOSTILE_NAMES[4]}`, 'x'],
    ]) {
      const { code, stdout, stderr } = await cli(args, { cwd: directory });
      expect([1, 2]).toContain(code);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^tracemalloc: .*\n$/);
      expectPlain(stderr);
    }
  } finally {
    server.close();
  }
});

describe('widths are those of a terminal', () => {
  // Widths in Latin letters.
  const WIDE: readonly (readonly [text: string, width: number])[] = [
    ['Session', 7],
    ['日本語', 6],
    ['ﾊﾝｶｸ', 4],
    ['한국어', 6],
    ['e\u0301te\u0301', 3],
    ['👩🚀', 4],
    ['Ａ１', 4],
    ['', 0],
  ];

  test('columns are aligned', () => {
    const lines = layOut(
      ['left', 'right', 'left'],
      WIDE.map(([text]) => [text, text, '|']),
    );
    for (const [i, [text, width]] of WIDE.entries()) {
      const replaced = text === '' ? lines[i]! : lines[i]!.replaceAll(text, 'x'.repeat(width));
      expect(replaced.indexOf('|')).toBe(7 + 2 + 7 + 2);
    }
  });

  test('a line is cut at the width of the terminal', () => {
    expect(cut('日本語', 5)).toBe('日本');
    expect(cut('日本語', 6)).toBe('日本語');
    expect(cut('\u001b[1m日本\u001b[22m語', 3)).toBe('\u001b[1m日\u001b[22m');
    expect(cut('e\u0301te\u0301', 2)).toBe('e\u0301t');
    expect(cut('plain', 3)).toBe('pla');
  });

  test('a name of a megabyte is shortened in its line', () => {
    const long = `${'x'.repeat(2 ** 20)}`;
    const snapshot = snapshotOf([long]);
    for (const text of [toText(snapshot), formatReport(reportOf(snapshot, 'lineno'))]) {
      for (const line of text.split('\n')) expect(line.length).toBeLessThan(2048);
    }
    const html = toHtml(snapshot);
    expect(html.length).toBeLessThan(toHtml(snapshotOf(['x'])).length + 16 * 1024);
  });
});
