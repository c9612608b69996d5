// SPDX-License-Identifier: MIT
// Decides who may read the endpoints. A profile reveals paths and the structure of a program: by
// default only clients on this machine may, and not through a browser or proxy that acts for
// others.
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { shown, TracemallocError } from '../errors.js';
import { isLoopback, isLoopbackName } from '../host/loopback.js';
import { isOwnPageOrUser } from './requesting-site.js';

export interface AccessOptions {
  /**
   * Clients that send it may read, from anywhere: as `Authorization: Bearer TOKEN`, or as Basic with
   * the token as password (`go tool pprof http://:TOKEN@host/debug/pprof/heap`). Clients on this
   * machine need it, too. Without the option, no client is answered unless the server listens on a
   * loopback address.
   */
  readonly token?: string | undefined;
  /** Whether a request without the token may be answered. Replaces the rule about loopback. */
  readonly allow?: ((request: IncomingMessage) => boolean | Promise<boolean>) | undefined;
}

export interface Refusal {
  readonly status: 401 | 403 | 500;
  readonly reason: string;
}

/**
 * Returns a function that checks a request, and returns why it is refused; undefined: it is
 * allowed.
 */
export function accessRule({
  token,
  allow,
}: AccessOptions): (request: IncomingMessage) => Promise<Refusal | undefined> {
  if (token !== undefined && (typeof token !== 'string' || token === '')) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      'token must be a non-empty string; leave it undefined to use none',
    );
  }
  if (allow !== undefined && typeof allow !== 'function') {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `allow must be a function of the request, not ${shown(allow)}`,
    );
  }
  return async (request) => {
    if (token !== undefined && isSame(tokenOf(request), token)) return undefined;
    if (allow !== undefined && (await allow(request)) === true) return undefined;
    if (token !== undefined) {
      return { status: 401, reason: 'send the token: Authorization: Bearer TOKEN' };
    }
    if (allow !== undefined) return { status: 403, reason: 'allow() refused this request' };
    return loopbackRule(request);
  };
}

function loopbackRule(request: IncomingMessage): Refusal | undefined {
  const refuse = (reason: string): Refusal => ({
    status: 403,
    reason: `${reason}; createHandler() takes a token, or a function allow(request)`,
  });
  const { server, remoteAddress } = request.socket as Socket & { readonly server?: Server };
  // Any client may be a proxy that does not say for whom it acts. The address of a Unix socket is a
  // path, and servers on such sockets are usually meant for proxies.
  const listens = server?.address?.();
  if (listens === null || typeof listens !== 'object' || !isLoopback(listens.address)) {
    return refuse('the server does not listen on 127.0.0.1 or ::1 only, so a token is needed');
  }
  if (remoteAddress === undefined || !isLoopback(remoteAddress)) {
    return refuse('only clients on this machine are answered');
  }
  const headers = rawHeaders(request);
  if (headers.some(([name]) => isOfProxy(name))) {
    return refuse('the request came through a proxy');
  }
  // A web page can make its visitor's browser connect to 127.0.0.1 under the page's own host name.
  const hosts = headers.filter(([name]) => name === 'host' || name === ':authority');
  if (hosts.length === 0 || !hosts.every(([, host]) => isLoopbackName(host.replace(/:\d*$/, '')))) {
    return refuse('the Host header must be localhost or a loopback address');
  }
  if (!isOwnPageOrUser(request)) return refuse("another site's page asks");
  return undefined;
}

// Raw headers: middleware may have changed `headers`, which also lacks a second Host header.
function rawHeaders({ rawHeaders }: IncomingMessage): [name: string, value: string][] {
  return rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ''] as [string, string]] : [],
  );
}

// The value of a proxy's header is never used, but its presence shows that the socket's address is
// that of a proxy. Browsers and clients on this machine send no such headers.
const ADDRESS = /(?:^|-)(?:client|remote|socket|user)?(?:ip|ipv[46]|addr|address)$/;
const PROXY = new RegExp(
  `^(?:${[
    'via$|x-via|(?:x-)?forward|surrogate-|x-coming-from|x-http-host|proxy-|x-proxy|wl-proxy|max-forwards|cdn-',
    'x-(?:original|real|rewrite|remote|client|cluster|host|scheme|url-scheme|ssl|request-start)',
    // Set by proxies, and by hosts that have them in front.
    'cf-|fastly|fly-|akamai|x-akamai|incap-|tailscale-|x-envoy|x-nginx|x-haproxy|x-varnish|x-traefik',
    'x-amzn?-|x-azure|x-arr-|x-appengine|x-cloud-trace|x-vercel|x-nf-|front-end-https',
  ].join('|')})`,
);

function isOfProxy(name: string): boolean {
  const dashed = name.replaceAll('_', '-');
  return PROXY.test(dashed) || ADDRESS.test(dashed);
}

function tokenOf({ headers }: IncomingMessage): string {
  const [, scheme = '', credentials = ''] =
    /^(\S+) +(\S+)$/.exec(headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return '';
  const [, password = ''] =
    /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return password;
}

// Compares digests, which have equal lengths, in constant time.
function isSame(a: string, b: string): boolean {
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
