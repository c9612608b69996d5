// SPDX-License-Identifier: MIT
// The HTTP endpoints, for node:http and what is built on it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { TracemallocError } from '../errors.js';
import { encodeProfile } from '../pprof/encode.js';
import { differenceOf } from '../snapshot/difference.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { onStop } from '../tracer.js';
import { type AccessOptions, accessRule } from './access.js';
import { knownSuspects } from './known-suspects.js';
import { momentNow } from './moment.js';
import { parseHeapQuery, parseReportQuery, QueryError } from './queries.js';
import { recentSnapshot } from './recent-snapshot.js';
import { makeReport } from './report.js';
import { formatReport } from './report-text.js';

/** What {@link createHandler} accepts. */
export type HandlerOptions = AccessOptions;

/** Handles a request, as a listener of `http` and as a middleware. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  /** Called for paths that are not ours; without it they are answered with 404. */
  next?: () => void,
) => void;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

// Short enough that nobody who waits for something to happen sees a picture from before.
const SHARED_MS = 100;

type Route = (
  query: URLSearchParams,
  request: IncomingMessage,
  gone: AbortSignal,
) => Promise<Answer>;

/**
 * Serves `GET /debug/pprof/heap` (a gzipped pprof profile; `?seconds=30`: what changed in 30 s) and
 * `GET /debug/tracemalloc` (a report, as JSON or text; `?format=`, `?top=`, `?key=`, `?seconds=`).
 * Answers only clients on this machine, unless `token` or `allow` let others in. Requests at the
 * same time share one snapshot. Refusals say why: 400 for a query, 401 or 403, 405, 503 when not
 * tracing.
 *
 * @returns a handler for `http.createServer`, `app.use` of express, and, see docs/production.md,
 *   fastify and koa.
 * @throws TracemallocError ERR_INVALID_OPTION. Cost: a snapshot per request, and its compression off
 *   the main thread. Go's `net/http/pprof` is the model; Python has no counterpart.
 */
export function createHandler(options: HandlerOptions = {}): Handler {
  const refusalOf = accessRule(options);
  const routes: Readonly<Record<string, Route>> = {
    '/debug/pprof/heap': heapRoute(),
    '/debug/tracemalloc': reportRoute(),
  };
  const answer = async (route: Route, url: URL, request: IncomingMessage, gone: AbortSignal) => {
    try {
      const refusal = await refusalOf(request);
      if (refusal !== undefined) return failure(refusal.status, refusal.reason);
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return failure(405, `${request.method} is not GET or HEAD`);
      }
      return await route(url.searchParams, request, gone);
    } catch (error) {
      return failureOf(error);
    }
  };
  return (request, response, next) => {
    const url = parseUrl(request.url);
    const route = url && Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
    if (url === undefined || route === undefined) {
      if (next !== undefined) next();
      else send(response, failure(404, `only ${Object.keys(routes).join(' and ')} are here`));
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    void answer(route, url, request, gone.signal).then((made) => send(response, made));
  };
}

function heapRoute(): Route {
  const underWay = new Map<Snapshot, Promise<Uint8Array>>();
  const profileOf = (snapshot: Snapshot) => {
    const known = underWay.get(snapshot);
    if (known !== undefined) return known;
    const made = compress({ traces: snapshot.traces, facts: snapshot });
    underWay.set(snapshot, made);
    return made.finally(() => underWay.delete(snapshot));
  };
  return async (query, _request, gone) => {
    const { seconds } = parseHeapQuery(query);
    const before = recentSnapshot(SHARED_MS);
    if (seconds === undefined) return profile(await profileOf(before));
    await whileTracing(seconds, gone);
    const now = recentSnapshot(SHARED_MS);
    const traces = differenceOf(now, before);
    const duration = now.timestamp - before.timestamp;
    return profile(await compress({ traces, facts: { ...now, duration } }));
  };
}

function reportRoute(): Route {
  return async (query, request, gone) => {
    const { seconds, top, keyType, format } = parseReportQuery(query, request.headers.accept);
    let snapshot = recentSnapshot(SHARED_MS);
    let previous = new Snapshot([], snapshot);
    if (seconds !== undefined) {
      previous = snapshot;
      await whileTracing(seconds, gone);
      snapshot = recentSnapshot(SHARED_MS);
    }
    const made = makeReport({ snapshot, previous, top, keyType, ...momentNow() });
    const report = { ...made, suspects: knownSuspects() };
    return format === 'json'
      ? success('application/json', `${JSON.stringify(report)}\n`)
      : success('text/plain; charset=utf-8', `${formatReport(report)}\n`);
  };
}

/** @throws TracemallocError ERR_NOT_TRACING when tracing ends before; AbortError when `gone`. */
async function whileTracing(seconds: number, gone: AbortSignal): Promise<void> {
  const stopped = new AbortController();
  const forget = onStop(() => stopped.abort());
  try {
    const signal = AbortSignal.any([gone, stopped.signal]);
    await delay(seconds * 1000, undefined, { ref: false, signal });
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    throw new TracemallocError('ERR_NOT_TRACING', 'tracing was stopped meanwhile');
  } finally {
    forget();
  }
}

async function compress(data: Parameters<typeof encodeProfile>[0]): Promise<Uint8Array> {
  return promisify(gzip)(encodeProfile(data));
}

function profile(body: Uint8Array): Answer {
  const answer = success('application/octet-stream', body);
  const headers = { ...answer.headers, 'content-disposition': 'attachment; filename="heap.pb.gz"' };
  return { ...answer, headers };
}

function success(type: string, body: string | Uint8Array): Answer {
  return { status: 200, headers: { 'content-type': type }, body };
}

function failure(status: number, reason: string): Answer {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // Makes `go tool pprof` show the reason.
      'x-go-pprof': '1',
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="tracemalloc"' } : {}),
      ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    },
    body: `tracemalloc: ${reason}\n`,
  };
}

function failureOf(error: unknown): Answer {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof QueryError) return failure(400, reason);
  if (error instanceof TracemallocError && error.code === 'ERR_NOT_TRACING') {
    return failure(503, 'not tracing; call start(), or run with TRACEMALLOC=1');
  }
  return failure(500, reason);
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function parseUrl(path: string | undefined): URL | undefined {
  // Not relative to a base: of `//host/path` that would make a host.
  return URL.canParse(`http://localhost${path}`) ? new URL(`http://localhost${path}`) : undefined;
}
