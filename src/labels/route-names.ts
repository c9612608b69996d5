// SPDX-License-Identifier: MIT
// What routes are called.

const MOST_PARTS = 6;
// A part of a path that names a kind of thing, not one of many things: it has no digits, except in
// a version.
const WORD = /^(?:[A-Za-z][A-Za-z_-]{0,23}|v\d{1,2})(?:\.[a-z]{1,5})?$/;
const METHOD = /^[A-Z-]{1,16}$/;

/**
 * The route that a request seems to have, where no framework names it: its path, without the query,
 * with `:id` in place of each part that is no word. Undefined: no method or path.
 */
export function routeOfUrl(method: unknown, url: unknown): string | undefined {
  if (typeof method !== 'string' || typeof url !== 'string') return undefined;
  if (!METHOD.test(method)) return undefined;
  const path = url.startsWith('/') ? url : pathOfWhole(url);
  return `${method} /${partsOf(path).join('/')}`;
}

/**
 * The route's name from what Express assigns to `request.route`, with the path at which its router
 * is mounted, of which only what a client has sent is known. Undefined: this is no such route.
 */
export function routeOfExpress(request: object, route: unknown): string | undefined {
  const { path } = Object(route);
  const { method, baseUrl } = request as { method?: unknown; baseUrl?: unknown };
  const patterns = (Array.isArray(path) ? path : [path]).filter(
    (pattern) => typeof pattern === 'string' || pattern instanceof RegExp,
  );
  if (patterns.length === 0 || typeof method !== 'string') return undefined;
  const mounted = typeof baseUrl === 'string' ? partsOf(baseUrl).map((part) => `/${part}`) : [];
  return `${method} ${mounted.join('')}${patterns.join(' | ')}`;
}

/** The path without the parts that distinguish one of many things. */
function partsOf(path: string): string[] {
  const [whole = ''] = path.split(/[?#]/, 1);
  const parts = whole.split('/').filter((part) => part !== '');
  const shown = parts.slice(0, MOST_PARTS).map((part) => (WORD.test(part) ? part : ':id'));
  return parts.length > MOST_PARTS ? [...shown, '…'] : shown;
}

/** Requests to a proxy have whole URLs. */
function pathOfWhole(url: string): string {
  return /^[a-z]+:\/\/[^/]*(\/[^?#]*)/i.exec(url)?.[1] ?? '/';
}
