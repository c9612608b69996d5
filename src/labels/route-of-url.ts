// SPDX-License-Identifier: MIT

const MOST_PARTS = 6;
// What names a thing, and not one of many things: no digits but in a version.
const WORD = /^(?:[A-Za-z][A-Za-z_-]{0,23}|v\d{1,2})(?:\.[a-z]{1,5})?$/;
const METHOD = /^[A-Z-]{1,16}$/;

/**
 * The route that a request seems to have, where nobody says it: its path, without the query, with
 * `:id` in place of each part that is no word. Undefined: no method or path.
 */
export function routeOfUrl(method: unknown, url: unknown): string | undefined {
  if (typeof method !== 'string' || typeof url !== 'string') return undefined;
  if (!METHOD.test(method)) return undefined;
  const path = url.startsWith('/') ? url : pathOfWhole(url);
  const parts = path
    .split(/[?#]/, 1)[0]!
    .split('/')
    .filter((part) => part !== '');
  const shown = parts.slice(0, MOST_PARTS).map((part) => (WORD.test(part) ? part : ':id'));
  if (parts.length > MOST_PARTS) shown.push('…');
  return `${method} /${shown.join('/')}`;
}

/** A proxy is asked with whole URLs. */
function pathOfWhole(url: string): string {
  return /^[a-z]+:\/\/[^/]*(\/[^?#]*)/i.exec(url)?.[1] ?? '/';
}
