// SPDX-License-Identifier: MIT
// Our Markdown as a parser of others reads it: which cells there are, and what they show.
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { comparison, topSites } from '../../src/cli/listing.js';
import type { View } from '../../src/cli/view.js';
import { ledgerTable } from '../../src/ledger/ledger-markdown.js';
import type { ReportSuspect } from '../../src/report/report.js';
import { reportMarkdown } from '../../src/report/report-markdown.js';
import { makeReport } from '../../src/report/series.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import {
  markdownCode,
  markdownQuote,
  markdownTable,
  markdownText,
} from '../../src/text/markdown.js';
import { HOSTILE_NAMES, randomName } from '../support/hostile-names.js';
import { snapshotOf } from '../support/snapshots.js';

// HTML and links are what a hostile name would make.
const parser = new MarkdownIt({ html: true, linkify: true });

interface Cell {
  /** Types of what is in it, such as `code_inline`. */
  readonly kinds: readonly string[];
  readonly text: string;
}

/** The cells of all tables, row by row, without the headers. */
function cellsIn(markdown: string): Cell[][] {
  const rows: Cell[][] = [];
  let isBody = false;
  for (const token of parser.parse(markdown, {})) {
    if (token.type === 'tbody_open') isBody = true;
    if (token.type === 'tbody_close') isBody = false;
    if (!isBody) continue;
    if (token.type === 'tr_open') rows.push([]);
    if (token.type === 'inline') {
      const children = token.children ?? [];
      const text = children.map(({ content }) => content).join('');
      rows.at(-1)!.push({ kinds: children.map(({ type }) => type), text });
    }
  }
  return rows;
}

/** What GitHub would do more than show text and code. */
function activeIn(markdown: string): string[] {
  const known = /^(paragraph|table|thead|tbody|tr|th|td)_(open|close)$|^(inline|text|code_inline)$/;
  return parser
    .parse(markdown, {})
    .flatMap((token) => [token, ...(token.children ?? [])])
    .map(({ type }) => type)
    .filter((type) => !known.test(type));
}

const MARKS = [
  'a|b',
  'a\\|b',
  '\\',
  '`',
  '``x``',
  '*a*',
  '__proto__',
  '~~a~~',
  '[a](b)',
  '![a](b)',
];
const MORE = [
  '&lt;',
  'www.evil.example',
  'https://evil.example',
  'a@evil.example',
  '# a',
  '- a',
  '> a',
];
const RANDOM = Array.from({ length: 200 }, (_, seed) => randomName(seed));
const NAMES = [...HOSTILE_NAMES, ...MARKS, ...MORE, ...RANDOM];

test.each([
  ['code', markdownCode],
  ['text', markdownText],
  ['quote', markdownQuote],
])('any name is one cell of %s, and shows the same text', (_, written) => {
  const table = markdownTable(
    ['a', 'b'],
    ['left', 'right'],
    NAMES.map((name) => [written(name), '1']),
  );
  const rows = cellsIn(table.join('\n'));
  expect(rows).toHaveLength(NAMES.length);
  for (const [i, row] of rows.entries()) {
    expect(row, NAMES[i]).toHaveLength(2);
    expect([[], ['code_inline'], ['text']], NAMES[i]).toContainEqual(row[0]!.kinds);
    const { text } = cellsIn(
      markdownTable(['a'], ['left'], [[markdownCode(NAMES[i]!)]]).join('\n'),
    )[0]![0]!;
    expect(row[0]!.text.trim()).toBe(text.trim());
  }
  const shown = rows.map(([cell]) => cell!.text);
  expect(shown).toContain('a\\u007cb');
  expect(shown).toContain('__proto__');
  expect(shown).toContain('https://evil.example');
});

test('harmless sentences stay as they are', () => {
  for (const text of ['12 %', '+1.5 MiB (+3)', 'not to node_modules or Node (--frames)']) {
    expect(markdownText(text)).toBe(text);
  }
  expect(markdownCode('src/a_b.js:3 keep')).toBe('`src/a_b.js:3 keep`');
  expect(markdownCode('')).toBe('');
});

describe('views', () => {
  const row = (name: string, i: number) => ({
    at: [`/app/main ${name}.js:3:main`, `/app/${i} ${name}.js:${i + 1}:keep ${name}`],
    size: 1e6 + i,
    domain: `domain ${name}`,
    types: [{ type: `type ${name}`, size: 1e6, count: 1 }],
  });
  const now = snapshotOf(NAMES.map(row));
  const old = snapshotOf(NAMES.map((name, i) => ({ ...row(name, i), size: 5e5 })));
  const view: View = {
    top: 1000,
    key: 'traceback',
    frames: 'own',
    include: ['*'],
    exclude: [],
    domain: undefined,
    label: [],
  };
  const made = {
    top: topSites({ source: NAMES[1]!, snapshot: now }, view, 'md'),
    diff: comparison(
      { source: NAMES[2]!, snapshot: old },
      { source: NAMES[3]!, snapshot: now },
      view,
      'md',
    ),
    report: reportMarkdown(
      makeReport({
        ...{ snapshot: now, previous: new Snapshot([], now), top: 1000, keyType: 'traceback' },
        ...{ frames: 'own', traced: { current: 1, peak: 1 } },
      }),
    ),
  };

  test.each(Object.entries(made))(
    '%s: a row for each site, and nothing but text',
    (_, markdown) => {
      expect(cellsIn(markdown)).toHaveLength(NAMES.length);
      expect(new Set(cellsIn(markdown).map((cells) => cells.length)).size).toBe(1);
      expect(activeIn(markdown)).toEqual([]);
    },
  );

  test('a row has its callers in its last cell', () => {
    const snapshot = snapshotOf([{ at: ['/app/a.js:1:serve', '/app/b.js:2:keep'], size: 10 }]);
    const shown = topSites({ source: 'x', snapshot }, view, 'md');
    expect(shown).toContain('| `/app/b.js:2 keep` from `/app/a.js:1 serve` |');
  });

  test('patterns are told, not obeyed', () => {
    expect(
      activeIn(topSites({ source: 'x', snapshot: now }, { ...view, exclude: HOSTILE_NAMES }, 'md')),
    ).toEqual([]);
  });
});

test('a report says what holds a suspect, and a hostile name in it is only text', () => {
  const snapshot = snapshotOf([{ at: ['/app/a.js:5:keep'], size: 10 }]);
  const report = makeReport({
    ...{ snapshot, previous: new Snapshot([], snapshot), top: 1, keyType: 'lineno' },
    ...{ frames: 'own', traced: { current: 1, peak: 1 } },
  });
  const suspect: ReportSuspect = {
    ...{ site: '/app/a.js:5', function: 'keep', domain: 'heap', size: 10, state: 'growing' },
    ...{ since: '2026-01-01T00:00:00.000Z', bytesPerHour: 100 },
    retainers: {
      ...{ time: '2026-01-01T00:01:00.000Z', samples: 4, unheld: 1, changed: 0, end: 'complete' },
      paths: [{ count: 3, steps: ['variable `cache` of module a.js', '```', 'Session'] }],
    },
  };
  const text = reportMarkdown({ ...report, suspects: [suspect] });
  expect(text).toContain(
    'what holds `/app/a.js:5 (keep)`, at `2026-01-01T00:01:00.000Z`:\n\n````text',
  );
  expect(text).toContain('  → ```\n    → Session\n1 of 4 samples without a path');
  expect(activeIn(text)).toEqual(['fence']);
});

test('a ledger: RSS first, then the largest row; rows of nothing are left out', () => {
  const rows = [
    ['V8 heap', 1024 ** 2],
    ['malloc, free', 3 * 1024 ** 2],
    ['WebAssembly memory', 0],
  ] as const;
  expect(ledgerTable({ rss: 4 * 1024 ** 2, unexplained: -1024, rows }).split('\n')).toEqual([
    '| size | share | memory |',
    '| ---: | ---: | --- |',
    '| 4096 KiB | 100 % | RSS |',
    '| 3072 KiB | 75 % | `malloc, free` |',
    '| 1024 KiB | 25 % | `V8 heap` |',
    '| -1024 B | 0 % | unexplained |',
  ]);
});
