// SPDX-License-Identifier: MIT
// Which site's page made a browser send a request. A browser sends requests for pages of other
// sites, too, with its user's credentials for this one. It says so in headers that no page can set
// (Sec-Fetch-Site) or, if it does not send these, in Origin.
import type { IncomingMessage } from 'node:http';

/** Whether the request comes from a page of this server, or not from a browser. */
export function isOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined ? isOwnOrigin(headers) : site === 'same-origin';
}

/** As {@link isOwnPage}, or the user opened the page by typing its address or following a link. */
export function isOwnPageOrUser(request: IncomingMessage): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
  const isVisit = mode === 'navigate' && request.headers['sec-fetch-dest'] === 'document';
  return isOwnPage(request) || site === 'none' || isVisit;
}

function isOwnOrigin({ origin, host, ':authority': authority }: IncomingMessage['headers']) {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === (host ?? authority);
}
