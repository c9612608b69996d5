// SPDX-License-Identifier: MIT
// Who may read the endpoints. A profile tells paths and the shape of a program: without further
// words only this machine may, and not through a browser or proxy that acts for others.
import type { IncomingMessage } from 'node:http';
import { shown, TracemallocError } from '../errors.js';

export interface AccessOptions {
  /**
   * Whoever sends it may read, from anywhere: `Authorization: Bearer TOKEN`, or Basic with the token
   * as password (`go tool pprof http://:TOKEN@host/debug/pprof/heap`). Clients on this machine need
   * it too.
   */
  readonly token?: string | undefined;
  /** Whether a request without the token may be answered. Replaces the rule about loopback. */
  readonly allow?: ((request: IncomingMessage) => boolean | Promise<boolean>) | undefined;
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly reason: string;
}

// Set by proxies. Never believed, but their presence says that the socket's address is a proxy's.
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** Answers the question for a request; undefined: it may. */
export function accessRule({
  token,
  allow,
}: AccessOptions): (request: IncomingMessage) => Promise<Refusal | undefined> {
  if (token !== undefined && (typeof token !== 'string' || token === '')) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      'token must be a string that is not empty; without one, leave it undefined',
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
  if (!isLoopbackAddress(request.socket.remoteAddress ?? '')) {
    return refuse('only clients on this machine are answered');
  }
  if (FORWARDED.some((name) => request.headers[name] !== undefined)) {
    return refuse('the request came through a proxy');
  }
  // A web page can make its visitor's browser ask 127.0.0.1 under a name of the page's own.
  if (!isLoopbackHost(request.headers.host ?? String(request.headers[':authority'] ?? ''))) {
    return refuse('the Host header must be localhost or a loopback address');
  }
  return undefined;
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

function tokenOf({ headers }: IncomingMessage): string {
  const [, scheme = '', credentials = ''] =
    /^(\S+) +(\S+)$/.exec(headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return '';
  return Buffer.from(credentials, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
}

// Of the digests, which are of one length, in a time that tells nothing.
function isSame(a: string, b: string): boolean {
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
