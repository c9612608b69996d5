// SPDX-License-Identifier: MIT
// The live page: the document, its stream of events, and the requests of its buttons.
import type { IncomingMessage } from 'node:http';
import { htmlDocument } from '../html/document.js';
import { plainJson } from '../text/plain-text.js';
import { type Answer, failure, type Route, success } from './answer.js';
import { LiveStream, type LiveStreamOptions } from './live-stream.js';
import { parseSpanQuery } from './queries.js';
import { isOwnPage } from './requesting-site.js';

const { setImmediate: turn } = process.getBuiltinModule('node:timers/promises');

/** Routes below `path`, which ends with a slash: relative addresses on the page are those here. */
export function livePage(path: string, options: LiveStreamOptions): Record<string, Route> {
  const stream = new LiveStream(options);
  const now = async () =>
    success('application/json', JSON.stringify({ timestamp: await stream.refresh() }));
  return {
    [path]: { method: 'GET', answer: async () => pageAnswer() },
    [`${path}events`]: {
      method: 'GET',
      answer: async ({ request, response, headers, gone }) => {
        const refusal = otherOrigin(request);
        if (refusal !== undefined) return refusal;
        if (request.method === 'HEAD') return success('text/event-stream', '');
        if (gone.aborted) return undefined;
        if (stream.isFull) return failure(503, 'enough live pages are open already; close one');
        // A proxy or compression that buffers would delay the messages.
        const unbuffered = { 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' };
        await stream.open(request, response, { ...headers, ...unbuffered });
        return undefined;
      },
    },
    [`${path}allocated`]: {
      method: 'GET',
      answer: async ({ query, request }) => {
        const refusal = otherOrigin(request);
        if (refusal !== undefined) return refusal;
        const message = stream.allocated(parseSpanQuery(query));
        return message === undefined
          ? failure(501, 'when memory was allocated is known of a single thread only')
          : success('application/json', plainJson(message));
      },
    },
    [`${path}snapshot`]: {
      method: 'POST',
      answer: async ({ request }) => otherOrigin(request) ?? (await now()),
    },
    [`${path}gc`]: {
      method: 'POST',
      answer: async ({ request }) => {
        const refusal = otherOrigin(request);
        if (refusal !== undefined) return refusal;
        if (typeof globalThis.gc !== 'function') {
          return failure(404, 'no gc() here: run Node with --expose-gc');
        }
        await globalThis.gc();
        await turn(); // so that finalizers have run
        return now();
      },
    },
  };
}

let document: ReturnType<typeof htmlDocument> | undefined;

/** The document of the page; its data comes from the other routes. */
export function pageAnswer(): Answer {
  document ??= htmlDocument({ title: 'tracemalloc live', script: 'live.js', connect: "'self'" });
  const answer = success('text/html; charset=utf-8', document.html);
  const policy = `${document.policy}; frame-ancestors 'none'`;
  return {
    ...answer,
    headers: {
      ...answer.headers,
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
    },
  };
}

function otherOrigin(request: IncomingMessage): Answer | undefined {
  return isOwnPage(request)
    ? undefined
    : failure(403, 'only the live page itself may ask for this');
}
