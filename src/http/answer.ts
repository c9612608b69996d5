// SPDX-License-Identifier: MIT
// Types for endpoints and their responses.
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
  /** The headers that every response has. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client disconnects. */
  readonly gone: AbortSignal;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Resolves to undefined if the endpoint writes and ends the response itself. */
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
