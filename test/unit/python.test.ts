// SPDX-License-Identifier: MIT
// The cases of python-behaviour.json, whose results are CPython's, run here.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DomainFilter, Filter } from '../../src/snapshot/filter.js';
import type { KeyType } from '../../src/snapshot/grouping.js';
import type { Snapshot } from '../../src/snapshot/snapshot.js';
import type { Statistic, StatisticDiff } from '../../src/snapshot/statistic.js';
import { Traceback } from '../../src/traces/traceback.js';
import { frameOf, snapshotOf } from '../support/snapshots.js';

interface Block {
  domain: number;
  size: number;
  at: string[];
}

interface Case {
  name: string;
  operation: 'statistics' | 'compare' | 'filter' | 'format' | 'sort' | 'traces';
  answer: unknown;
  blocks: Block[];
  old: Block[];
  key: KeyType;
  cumulative?: boolean;
  filters: {
    inclusive: boolean;
    filename_pattern?: string;
    lineno?: number;
    all_frames?: boolean;
    domain?: number;
  }[];
  at: string[];
  limit?: number;
  most_recent_first?: boolean;
  stacks: string[][];
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../fixtures/python-behaviour.json', import.meta.url), 'utf8'),
);

const nameOf = (domain: number) => (domain === 0 ? 'heap' : `domain ${domain}`);

function snapshot(blocks: Block[]): Snapshot {
  return snapshotOf(blocks.map(({ domain, ...row }) => ({ domain: nameOf(domain), ...row })));
}

// The frames, oldest first, and the text after the position.
const row = (statistic: Statistic | StatisticDiff) => [
  statistic.traceback.frames.map(String),
  String(statistic).slice(String(statistic.traceback).length + 2),
];

function filterOf(given: Case['filters'][number]): Filter | DomainFilter {
  const { inclusive, filename_pattern, lineno, all_frames = false } = given;
  const domain = given.domain === undefined ? undefined : nameOf(given.domain);
  if (filename_pattern === undefined) return new DomainFilter({ inclusive, domain: domain ?? '' });
  const filenamePattern = filename_pattern;
  return new Filter({ inclusive, filenamePattern, lineno, allFrames: all_frames, domain });
}

const answers: Record<Case['operation'], (question: Case) => unknown> = {
  statistics: ({ blocks, key, cumulative = false }) =>
    snapshot(blocks).statistics(key, { cumulative }).map(row),
  compare: ({ blocks, old, key, cumulative = false }) =>
    snapshot(blocks).compareTo(snapshot(old), key, { cumulative }).map(row),
  filter: ({ blocks, filters }) =>
    snapshot(blocks)
      .filterTraces(filters.map(filterOf))
      .traces.map(({ size }) => size)
      .sort((a, b) => a - b),
  format: ({ at, limit, most_recent_first = false }) =>
    new Traceback(at.map(frameOf)).format({
      ...(limit === undefined ? {} : { limit }),
      mostRecentFirst: most_recent_first,
    }),
  sort: ({ stacks }) =>
    stacks
      .map((frames) => new Traceback(frames.map(frameOf)))
      .sort((a, b) => a.compare(b))
      .map(({ frames }) => frames.map(String)),
  traces: ({ blocks }) => snapshot(blocks).traces.map(String),
};

test.each(cases)('$name', (question) => {
  expect(answers[question.operation](question)).toEqual(question.answer);
});
