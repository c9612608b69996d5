// SPDX-License-Identifier: MIT
// The HTTP endpoints, for node:http and frameworks built on it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TracemallocError } from '../errors.js';
import { requireSources, type Sources } from '../files/source-lines.js';
import { runInSlices } from '../host/steps.js';
import { encodeCompressed } from '../pprof/compressed.js';
import { type ReportFormat, writtenReport } from '../report/formats.js';
import { composingReport } from '../report/series.js';
import { requireKnownOptions } from '../rules.js';
import { knownSuspects } from '../service/known-suspects.js';
import { momentNow } from '../service/moment.js';
import { readingRecentLedger } from '../service/recent-ledger.js';
import { recentSnapshot } from '../service/recent-snapshot.js';
import { writeNote } from '../service/stderr.js';
import { onStop } from '../session.js';
import { differenceOf } from '../snapshot/difference.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { plainJson } from '../text/plain-text.js';
import { takeSnapshotBetween } from '../tracer.js';
import { type AccessOptions, accessRule, type Refusal } from './access.js';
import { type Answer, type Asked, failure, type Route, success } from './answer.js';
import { livePage } from './live-page.js';
import type { LiveStreamOptions } from './live-stream.js';
import { parseHeapQuery, parseReportQuery, QueryError } from './queries.js';
import { retainersRoute } from './retainers.js';

const { setTimeout: delay } = process.getBuiltinModule('node:timers/promises');

/** What {@link createHandler} accepts. */
export interface HandlerOptions extends AccessOptions {
  /**
   * Show the source text of the application's lines on the live page: of scripts below the working
   * directory, or below these directories instead, without what looks like a credential in it.
   * Default true.
   */
  readonly sources?: Sources;
}

/** Handles a request, as a listener of `http` and as a middleware. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  /** Called for paths that are not ours; without it they are answered with 404. */
  next?: () => void,
) => void;

// Short enough that a client that waits for a change does not get an old snapshot.
const SHARED_MS = 100;

// Requests that wait for their `seconds`: each keeps a snapshot meanwhile.
const MOST_WAITING = 16;
let waiting = 0;

class BusyError extends Error {}

const LIVE_PATH = '/debug/tracemalloc/';

// With Basic, a browser asks for a password, which is the token, and sends it from then on. Basic
// is first because Chromium stops at an unknown scheme.
const CHALLENGE = {
  'www-authenticate': 'Basic realm="tracemalloc", Bearer realm="tracemalloc"',
};

const COMMON_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

type TakeSnapshot = LiveStreamOptions['take'];

/** See late.ts. */
export function createHandler(options: HandlerOptions = {}): Handler {
  const take = (maxAge: number) => recentSnapshot(maxAge, { ages: true });
  return handlerOf(options, take, takeSnapshotBetween);
}

/** A handler whose profiles and live page show other snapshots than those of this thread. */
export function handlerOf(
  options: HandlerOptions,
  take: TakeSnapshot,
  takeBetween?: LiveStreamOptions['takeBetween'],
): Handler {
  requireKnownOptions(options, ['token', 'allow', 'sources']);
  const refusalOf = accessRule(options);
  const { sources = true } = options;
  requireSources(sources);
  const routes: Readonly<Record<string, Route>> = {
    '/debug/pprof/heap': heapRoute(take),
    '/debug/tracemalloc': reportRoute(),
    [`${LIVE_PATH}retainers`]: retainersRoute(),
    ...livePage(LIVE_PATH, { sources, take, takeBetween }),
  };
  const answer = async ({ method, answer }: Route, asked: Asked) => {
    const { request } = asked;
    try {
      const refusal = await refusalOf(request).catch(failedRule);
      if (refusal?.status === 401) return failure(401, refusal.reason, CHALLENGE);
      if (refusal !== undefined) return failure(refusal.status, refusal.reason);
      const allowed = method === 'GET' ? ['GET', 'HEAD'] : [method];
      if (!allowed.includes(request.method ?? '')) {
        const reason = `${request.method} is not ${allowed.join(' or ')}`;
        return failure(405, reason, { allow: allowed.join(', ') });
      }
      return await answer(asked);
    } catch (error) {
      return failureOf(error);
    }
  };
  let isTold = false;
  // The error of an application's rule may reveal something, and the client is not yet trusted.
  const failedRule = (error: unknown): Refusal => {
    if (!isTold) writeNote(`allow() threw: ${error}`);
    isTold = true;
    return { status: 500, reason: 'allow() threw' };
  };
  return (request, response, next) => {
    const { path, query } = splitTarget(request.url ?? '');
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) {
      if (next !== undefined) next();
      else send(response, failure(404, `only ${Object.keys(routes).join(', ')} are here`));
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const asked = { query, request, response, gone: gone.signal };
    void answer(route, { ...asked, headers: COMMON_HEADERS }).then(
      (made) => made && send(response, made),
    );
  };
}

function heapRoute(take: TakeSnapshot): Route {
  const underWay = new Map<Snapshot, Promise<Uint8Array>>();
  const profileOf = (snapshot: Snapshot) => {
    const known = underWay.get(snapshot);
    if (known !== undefined) return known;
    const made = encodeCompressed({ traces: snapshot.traces, facts: snapshot });
    underWay.set(snapshot, made);
    return made.finally(() => underWay.delete(snapshot));
  };
  const answer: Route['answer'] = async ({ query, gone }) => {
    const { seconds } = parseHeapQuery(query);
    const before = await take(SHARED_MS);
    if (seconds === undefined) return profile(await profileOf(before));
    await whileTracing(seconds, gone);
    const now = await take(SHARED_MS);
    const traces = differenceOf(now, before);
    const duration = now.timestamp - before.timestamp;
    return profile(await encodeCompressed({ traces, facts: { ...now, duration } }));
  };
  return { method: 'GET', answer };
}

const MEDIA_TYPES: Readonly<Record<ReportFormat, string>> = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
};

function reportRoute(): Route {
  const answer: Route['answer'] = async ({ query, request, gone }) => {
    const asked = parseReportQuery(query, request.headers.accept);
    const { seconds, top, keyType, frames, format } = asked;
    // As JSON only: a person reads ages on the page.
    const ages = format === 'json';
    let snapshot = recentSnapshot(SHARED_MS, { ages });
    let previous = new Snapshot([], snapshot);
    if (seconds !== undefined) {
      previous = snapshot;
      await whileTracing(seconds, gone);
      snapshot = recentSnapshot(SHARED_MS, { ages });
    }
    const moment = momentNow();
    const ledger = await runInSlices(readingRecentLedger());
    const suspects = knownSuspects();
    const report = await runInSlices(
      composingReport({
        snapshot,
        previous,
        top,
        keyType,
        frames,
        suspects,
        ages,
        ...moment,
        ledger,
      }),
    );
    // As JSON whole, however long.
    const text = format === 'json' ? plainJson(report) : writtenReport(report, format);
    return success(MEDIA_TYPES[format], `${text}\n`);
  };
  return { method: 'GET', answer };
}

/**
 * @throws TracemallocError ERR_NOT_TRACING when tracing ends meanwhile; AbortError when the client
 *   disconnects; BusyError when too many requests wait.
 */
async function whileTracing(seconds: number, gone: AbortSignal): Promise<void> {
  if (waiting >= MOST_WAITING) {
    throw new BusyError(`${waiting} requests with ?seconds= are already waiting; try again later`);
  }
  waiting++;
  const stopped = new AbortController();
  const forget = onStop(() => stopped.abort());
  try {
    const signal = AbortSignal.any([gone, stopped.signal]);
    await delay(seconds * 1000, undefined, { ref: false, signal });
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    throw new TracemallocError('ERR_NOT_TRACING', 'tracing was stopped during the request');
  } finally {
    waiting--;
    forget();
  }
}

function profile(body: Uint8Array): Answer {
  const answer = success('application/octet-stream', body);
  const headers = { ...answer.headers, 'content-disposition': 'attachment; filename="heap.pb.gz"' };
  return { ...answer, headers };
}

const STATUS: Readonly<Record<string, number>> = {
  ERR_BUSY: 503,
  ERR_UNSUPPORTED_PLATFORM: 501,
  ERR_UNSUPPORTED_PRECISION: 501,
};

function failureOf(error: unknown): Answer {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof QueryError) return failure(400, reason);
  if (error instanceof BusyError) return failure(503, reason);
  if (error instanceof TracemallocError && error.code === 'ERR_NOT_TRACING') {
    return failure(503, 'not tracing; call start(), or run with TRACEMALLOC=1');
  }
  return failure(STATUS[(error as TracemallocError | undefined)?.code ?? ''] ?? 500, reason);
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...COMMON_HEADERS,
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

// The raw path, not a parsed URL: an access rule before this handler must have seen the same path.
function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const [path = ''] = target.split('?', 1);
  return { path, query: new URLSearchParams(target.slice(path.length)) };
}
