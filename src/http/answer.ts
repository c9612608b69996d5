// SPDX-License-Identifier: MIT
// What an endpoint is, and what it answers.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { plain } from '../text/plain-text.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface Asked {
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Those that every answer has. */
  readonly headers: Readonly<Record<string, string>>;
  /** The client has left. */
  readonly gone: AbortSignal;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Undefined: the response is in use, and is ended by whoever uses it. */
  readonly answer: (asked: Asked) => Promise<Answer | undefined>;
}

export function success(type: string, body: string | Uint8Array): Answer {
  return { status: 200, headers: { 'content-type': type }, body };
}

export function failure(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // Makes `go tool pprof` show the reason.
      'x-go-pprof': '1',
      ...headers,
    },
    body: `tracemalloc: ${plain(reason)}\n`,
  };
}
