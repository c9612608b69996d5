// SPDX-License-Identifier: MIT
// Whose page lets a browser ask. A browser asks for other sites' pages, too, with whatever lets its
// user in here. It says so: in headers that no page can set or, where it sends none, in Origin.
import type { IncomingMessage } from 'node:http';

/** A page of this very server asks, or no browser. */
export function isOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined ? isOwnOrigin(headers) : site === 'same-origin';
}

/** As {@link isOwnPage}, or the user wants to see what is here: typed its address, followed a link. */
export function isOwnPageOrUser(request: IncomingMessage): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
  const isVisit = mode === 'navigate' && request.headers['sec-fetch-dest'] === 'document';
  return isOwnPage(request) || site === 'none' || isVisit;
}

function isOwnOrigin({ origin, host, ':authority': authority }: IncomingMessage['headers']) {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === (host ?? authority);
}
