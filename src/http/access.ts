// SPDX-License-Identifier: MIT
// Who may read the endpoints. A profile tells paths and the shape of a program: without further
// words only this machine may, and not through a browser or proxy that acts for others.
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { shown, TracemallocError } from '../errors.js';
import { isOwnPageOrUser } from './requesting-site.js';

export interface AccessOptions {
  /**
   * Whoever sends it may read, from anywhere: `Authorization: Bearer TOKEN`, or Basic with the token
   * as password (`go tool pprof http://:TOKEN@host/debug/pprof/heap`). Clients on this machine need
   * it too. Without it nobody is answered unless the server listens on a loopback address.
   */
  readonly token?: string | undefined;
  /** Whether a request without the token may be answered. Replaces the rule about loopback. */
  readonly allow?: ((request: IncomingMessage) => boolean | Promise<boolean>) | undefined;
}

export interface Refusal {
  readonly status: 401 | 403 | 500;
  readonly reason: string;
}

/** Answers the question for a request; undefined: it may. */
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
  // Whoever can reach it may be a proxy that tells nothing of whom it acts for. A Unix socket's
  // address is a path, and proxies are what such servers are for.
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
  // A web page can make its visitor's browser ask 127.0.0.1 under a name of the page's own.
  const hosts = headers.filter(([name]) => name === 'host' || name === ':authority');
  if (hosts.length === 0 || !hosts.every(([, host]) => isLoopbackHost(host))) {
    return refuse('the Host header must be localhost or a loopback address');
  }
  if (!isOwnPageOrUser(request)) return refuse("another site's page asks");
  return undefined;
}

// As they came: middleware may have changed `headers`, where a second Host is missing besides.
function rawHeaders({ rawHeaders }: IncomingMessage): [name: string, value: string][] {
  return rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ''] as [string, string]] : [],
  );
}

// What a proxy adds is never believed, but its presence says that the socket's address is a proxy's.
// No header of a browser or a client on this machine is of these kinds.
const ADDRESS = /(?:^|-)(?:client|remote|socket|user)?(?:ip|ipv[46]|addr|address)$/;
const PROXY = new RegExp(
  `^(?:${[
    'via$|x-via|(?:x-)?forward|proxy-|x-proxy|wl-proxy|max-forwards|cdn-',
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

function isLoopback(address: string): boolean {
  const { isIPv4 } = process.getBuiltinModule('node:net');
  const plain = address.replace(/^::ffff:/, '');
  return address === '::1' || (plain.startsWith('127.') && isIPv4(plain));
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return name === 'localhost' || isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
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

// Compares digests, which are of one length, in a time that tells nothing.
function isSame(a: string, b: string): boolean {
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
