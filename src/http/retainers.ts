// SPDX-License-Identifier: MIT
// The endpoint that answers what keeps the objects of a line alive: of the line in the request, of
// the suspects, or of the line with the most memory.

import { dateNow, monotonicNow } from '../host/real-time.js';
import { threadId } from '../host/thread.js';
import type { FoundRetainers, RetainersAnswer } from '../html/live-data.js';
import parts from '../late-parts.cjs';
import { isLine } from '../retainers/matching.js';
import { textsOf } from '../retainers/retainers.js';
import { knownSuspects } from '../service/known-suspects.js';
import { plainJson, plainName } from '../text/plain-text.js';
import { siteRetainersText } from '../text/retainer-tree.js';
import { status, takeSnapshot } from '../tracer.js';
import { type Answer, failure, type Route, success } from './answer.js';
import { parseRetainersQuery, type RetainersQuery } from './queries.js';
import { isOwnPageOrUser } from './requesting-site.js';

/** Suspects that are searched for, one after the other, within the time of one search. */
const MOST_SUSPECTS = 3;

/** The least time of a search, for one that begins when the time is almost over, ms. */
const LEAST_TIME = 100;

export function retainersRoute(): Route {
  const answer: Route['answer'] = async ({ query, request, gone }) => {
    const asked = parseRetainersQuery(query, request.headers.accept);
    // A search takes time of this process, which no other site's page may make it spend.
    if (!isOwnPageOrUser(request)) return failure(403, "another site's page asks");
    const written = (made: RetainersAnswer): Answer =>
      asked.format === 'json'
        ? success('application/json', `${plainJson(made)}\n`)
        : success(
            'text/plain; charset=utf-8',
            `${made.sites.map(siteRetainersText).join('\n\n')}\n`,
          );
    const header = {
      name: 'tracemalloc retainers',
      version: 1,
      pid: process.pid,
      threadId,
    } as const;
    if (request.method === 'HEAD') return written({ ...header, time: '', sites: [] });
    const sites = await searched(asked, gone);
    if (sites.length === 0) return failure(404, nothingSampled(asked.sites));
    return written({ ...header, time: new Date(dateNow()).toISOString(), sites });
  };
  return { method: 'GET', answer };
}

async function searched(
  { sites, samples, timeout }: RetainersQuery,
  gone: AbortSignal,
): Promise<FoundRetainers[]> {
  const until = monotonicNow() + timeout;
  const found: FoundRetainers[] = [];
  for (const lines of sites.length > 0 ? [sites] : presentLines()) {
    const left = until - monotonicNow();
    // No client waits for the other answers any more.
    if (gone.aborted || (found.length > 0 && left < LEAST_TIME)) break;
    const { retainersOfLines } = parts.retainers();
    const limits = { samples, timeout: Math.max(LEAST_TIME, left) };
    const told = await retainersOfLines(lines, limits);
    const { retainers, size, liveSamples } = told;
    // A search that was ended by its time limit may have found nothing although there are holders.
    if (liveSamples === 0) continue;
    const { duration, blocked } = retainers;
    found.push({
      site: told.lines.join(', '),
      size: Math.round(size),
      liveSamples,
      ...textsOf(retainers),
      duration: Math.round(duration),
      blocked: Math.round(blocked),
    });
  }
  return found;
}

/**
 * The lines of the suspects, growing ones first; else the application's own line that holds most.
 */
function presentLines(): string[][] {
  const suspects = knownSuspects().filter(
    ({ site, sum }) => (sum === undefined || sum === 'line') && isLine(site),
  );
  const growing = suspects.filter(({ state }) => state === 'growing');
  const named = (growing.length > 0 ? growing : suspects).slice(0, MOST_SUSPECTS);
  if (named.length > 0) return [...new Set(named.map(({ site }) => site))].map((site) => [site]);
  return largestLine();
}

// What has survived a collection is more likely to be held than what is new.
function largestLine(): string[][] {
  for (const survivors of status().precision === 'line' ? [true, false] : [false]) {
    const lines = takeSnapshot({ survivors })
      .statistics('lineno', { frames: 'own' })
      .filter(({ samples, size }) => samples > 0 && size > 0)
      .flatMap(({ traceback }) => traceback.at(-1) ?? [])
      .filter(({ lineno, filename }) => lineno > 0 && !filename.startsWith('('));
    const line = lines.find((frame) => !frame.isInternal && !frame.isDependency) ?? lines[0];
    if (line !== undefined) return [[String(line)]];
  }
  return [];
}

function nothingSampled(sites: readonly string[]): string {
  const thread = threadId === 0 ? 'the main thread' : `thread ${threadId}`;
  const where = sites.length === 0 ? '' : ` of ${plainName(sites.join(', '), 60)}`;
  return `no live object${where} was sampled in ${thread} since tracing began; ask again later`;
}
