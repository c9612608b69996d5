// SPDX-License-Identifier: MIT
// The query parameters of the endpoints. Unknown or invalid parameters are refused, never ignored.
import { shown } from '../errors.js';
import { OPTIONS } from '../options.js';
import type { ReportFormat } from '../report/formats.js';
import { isLine } from '../retainers/matching.js';
import { integer, type Rule } from '../rules.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { TimeSpan } from '../traces/allocation-time.js';
import type { Frames } from '../traces/charge.js';

export class QueryError extends Error {}

export interface HeapQuery {
  /** Undefined: what is live now. */
  readonly seconds: number | undefined;
}

export interface ReportQuery extends HeapQuery {
  readonly top: number;
  readonly keyType: KeyType;
  readonly frames: Frames;
  readonly format: ReportFormat;
}

export interface RetainersQuery {
  /** Lines, whose objects are searched together; empty: the suspects, or the largest line. */
  readonly sites: readonly string[];
  readonly samples: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly format: 'json' | 'text';
}

const SECONDS = integer({ least: 1, most: 3600, standard: 1 });

export function parseHeapQuery(query: URLSearchParams): HeapQuery {
  refuseOthers(query, ['seconds']);
  return { seconds: read(query, 'seconds', SECONDS) };
}

/** @param accept - the request's header, which decides where `format` is not given. */
export function parseReportQuery(query: URLSearchParams, accept = ''): ReportQuery {
  refuseOthers(query, ['seconds', 'top', 'key', 'frames', 'format']);
  return {
    seconds: read(query, 'seconds', SECONDS),
    top: read(query, 'top', OPTIONS.top) ?? OPTIONS.top.default,
    keyType: read(query, 'key', OPTIONS.keyType) ?? OPTIONS.keyType.default,
    frames: read(query, 'frames', OPTIONS.frames) ?? OPTIONS.frames.default,
    format: read(query, 'format', OPTIONS.format) ?? formatFor(accept),
  };
}

const MOMENT = /^\d{1,15}(\.\d+)?$/;

export function parseSpanQuery(query: URLSearchParams): TimeSpan {
  refuseOthers(query, ['since', 'until']);
  const [since, until] = (['since', 'until'] as const).map((name) => {
    const given = query.get(name) ?? '';
    if (MOMENT.test(given)) return Number(given);
    throw new QueryError(`${name} must be a time in ms since the epoch, not ${shown(given)}`);
  }) as [number, number];
  return { since, until };
}

/** More than a row of the live page asks about. */
const MOST_SITES = 100;

/** @param accept - as for {@link parseReportQuery}. */
export function parseRetainersQuery(query: URLSearchParams, accept = ''): RetainersQuery {
  refuseOthers(query, ['site', 'samples', 'timeout', 'format'], ['site']);
  const sites = query.getAll('site');
  if (sites.length > MOST_SITES)
    throw new QueryError(`site is given more than ${MOST_SITES} times`);
  const wrong = sites.find((site) => !isLine(site));
  if (wrong !== undefined) {
    throw new QueryError(`site must be a line such as file.js:6, not ${shown(wrong)}`);
  }
  return {
    sites,
    samples: read(query, 'samples', OPTIONS.samples) ?? OPTIONS.samples.default,
    timeout: read(query, 'timeout', OPTIONS.searchTimeout) ?? OPTIONS.searchTimeout.default,
    format: read(query, 'format', OPTIONS.plainFormat) ?? (isForPeople(accept) ? 'text' : 'json'),
  };
}

const isForPeople = (accept: string) => accept.includes('text/') && !accept.includes('json');

function formatFor(accept: string): ReportFormat {
  if (!isForPeople(accept)) return 'json';
  return accept.includes('text/markdown') ? 'md' : 'text';
}

function refuseOthers(
  query: URLSearchParams,
  known: readonly string[],
  repeatable: readonly string[] = [],
): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      throw new QueryError(
        `unknown parameter ${name.slice(0, 60)}; the known ones are ${known.join(', ')}`,
      );
    }
    if (repeatable.includes(name)) continue;
    if (query.getAll(name).length > 1) throw new QueryError(`${name} is given more than once`);
  }
}

function read<T>(query: URLSearchParams, name: string, { text }: Rule<T>): T | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  const value = text.parse(given);
  if (value !== undefined) return value;
  throw new QueryError(`${name} must be ${text.expects}, not ${shown(given)}`);
}
