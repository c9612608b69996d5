// SPDX-License-Identifier: MIT
// What the endpoints accept in a query. Whatever is not understood is refused, never ignored.

import type { KeyType } from '../snapshot/grouping.js';
import { plainJson } from '../text/plain-text.js';

export class QueryError extends Error {}

export interface HeapQuery {
  /** Undefined: what is live now. */
  readonly seconds: number | undefined;
}

export interface ReportQuery extends HeapQuery {
  readonly top: number;
  readonly keyType: KeyType;
  readonly format: 'json' | 'text';
}

const KEY_TYPES = ['lineno', 'filename', 'traceback', 'function'] as const;

export function parseHeapQuery(query: URLSearchParams): HeapQuery {
  refuseOthers(query, ['seconds']);
  return { seconds: integer(query, 'seconds', 3600) };
}

/** @param accept - the request's header, which decides where `format` is not given. */
export function parseReportQuery(query: URLSearchParams, accept = ''): ReportQuery {
  refuseOthers(query, ['seconds', 'top', 'key', 'format']);
  const isForPeople = accept.includes('text/') && !accept.includes('json');
  return {
    seconds: integer(query, 'seconds', 3600),
    top: integer(query, 'top', 1000) ?? 10,
    keyType: word(query, 'key', KEY_TYPES) ?? 'lineno',
    format: word(query, 'format', ['json', 'text'] as const) ?? (isForPeople ? 'text' : 'json'),
  };
}

function refuseOthers(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      throw new QueryError(`unknown parameter ${name.slice(0, 60)}; known are ${known.join(', ')}`);
    }
    if (query.getAll(name).length > 1) throw new QueryError(`${name} is given more than once`);
  }
}

function integer(query: URLSearchParams, name: string, most: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw new QueryError(`${name} must be a whole number from 1 to ${most}, not ${shown(text)}`);
}

function word<T extends string>(
  query: URLSearchParams,
  name: string,
  words: readonly T[],
): T | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const found = words.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  throw new QueryError(`${name} must be one of ${words.join(', ')}, not ${shown(text)}`);
}

function shown(text: string): string {
  return plainJson(text.slice(0, 60));
}
