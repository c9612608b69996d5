// SPDX-License-Identifier: MIT
// The lines of a failing test as a table in Markdown, where a job's summary is wanted.

import { shown, TracemallocError } from '../errors.js';
import { quietly } from '../host/quietly.js';
import { nameOf } from '../report/message.js';
import { type MarkdownRow, markdownCode, markdownTable } from '../text/markdown.js';
import { formatCount, formatSize } from '../text/size.js';
import { MemoryGrowthError, type MemoryLimitError, NAMED } from './errors.js';

/** Where a test's summary goes. */
export interface SummaryOptions {
  /**
   * The file to which a failure is appended as a table in Markdown; false: none. Default: the one
   * that the variable `GITHUB_STEP_SUMMARY` names, as it does in GitHub's workflows.
   */
  summary?: string | false;
}

interface Failure {
  readonly error: MemoryGrowthError | MemoryLimitError;
  /** `file:line` of the test. */
  readonly place: string;
  /** The test's name; undefined: unknown. */
  readonly name: string | undefined;
}

/** @throws TracemallocError ERR_INVALID_OPTION. */
export function requireSummary({ summary }: SummaryOptions): void {
  if (summary === undefined || summary === false || typeof summary === 'string') return;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `summary must be the path of a file, or false, not ${shown(summary)}`,
  );
}

/** Appends it. A file that can't be written changes nothing. */
export function appendSummary(failure: Failure, { summary }: SummaryOptions): void {
  const path = summary ?? process.env['GITHUB_STEP_SUMMARY'];
  if (typeof path !== 'string' || path === '') return;
  quietly(() => {
    process.getBuiltinModule('node:fs').appendFileSync(path, summaryText(failure));
  });
}

/** Pure. */
export function summaryText({ error, place, name }: Failure): string {
  const title = name === undefined ? place : `${name}, ${place}`;
  const [head, rows] = error instanceof MemoryGrowthError ? growthTable(error) : limitTable(error);
  const sides = head.map((_, i) => (i === 0 ? ('left' as const) : ('right' as const)));
  return [
    `### ${error instanceof MemoryGrowthError ? 'Memory grows' : `Memory above ${error.allowed}`}: ${markdownCode(title)}`,
    '',
    ...markdownTable(head, sides, rows.slice(0, NAMED)),
    ...(rows.length > NAMED ? ['', `and ${rows.length - NAMED} more`] : []),
    '',
    '',
  ].join('\n');
}

type Table = readonly [head: MarkdownRow, rows: readonly MarkdownRow[]];

function growthTable({ lines }: MemoryGrowthError): Table {
  return [
    ['line', 'a run', 'count a run', 'live', 'count'],
    lines.map((line) => [
      markdownCode(nameOf(line)),
      formatSize(line.bytesPerRun, { signed: true }),
      line.countPerRun.toFixed(1),
      formatSize(line.size),
      formatCount(line.count),
    ]),
  ];
}

function limitTable({ lines }: MemoryLimitError): Table {
  return [
    ['line', 'allocated', 'live', 'count'],
    lines.map((line) => [
      markdownCode(nameOf(line)),
      formatSize(line.allocatedSize),
      formatSize(line.size),
      formatCount(line.count),
    ]),
  ];
}
