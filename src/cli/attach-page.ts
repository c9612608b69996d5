// SPDX-License-Identifier: MIT
// Serves the live page of an attached process on loopback: passes requests for its data on to its
// Unix socket, for those who may read. Other users of the machine can connect to the port, too, but
// may not open the socket: they do not know the random first part of the page's path. The process may
// be hostile: the document is this package's own, and what the process answers is only data.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessRule } from '../http/access.js';
import { type Answer, failure } from '../http/answer.js';
import { pageAnswer } from '../http/live-page.js';

const PAGE = '/debug/tracemalloc/';

/** Returns the server, and the address of the page. */
export async function servePage(socketPath: string): Promise<{ server: Server; address: string }> {
  const refusalOf = accessRule({});
  const secret = `/${randomBytes(16).toString('hex')}`;
  const server = createServer((asked, response) => {
    void refusalOf(asked).then((refusal) => {
      const path = pathAfter(secret, asked.url ?? '');
      if (refusal !== undefined) answer(response, failure(refusal.status, refusal.reason));
      else if (path === undefined) {
        answer(response, failure(404, 'the page is at the address that the command printed'));
      } else if (path.split('?', 1)[0] === PAGE) answer(response, pageAnswer());
      else passOn(asked, response, { socketPath, path });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, address: `http://127.0.0.1:${port}${secret}${PAGE}` };
}

/** Undefined: it does not begin with the secret, or is none of the page and its files. */
function pathAfter(secret: string, url: string): string | undefined {
  const [given, path] = [Buffer.from(url.slice(0, secret.length)), url.slice(secret.length)];
  const isKnown = given.length === secret.length && timingSafeEqual(given, Buffer.from(secret));
  return isKnown && path.startsWith('/debug/') ? path : undefined;
}

/**
 * Of a request. A browser sends its cookies and passwords of other servers on this machine, too, since
 * these do not depend on the port.
 */
const ASKED: readonly string[] = [
  ...['host', 'origin', 'accept', 'content-length', 'last-event-id'],
  ...['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'],
];
/** Of an answer. */
const ANSWERED: readonly string[] = [
  ...['content-type', 'content-length', 'content-disposition', 'allow', 'cache-control'],
];
/** A browser that opens an answer runs nothing of it, and loads nothing. */
const ONLY_DATA = {
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

function only(names: readonly string[], headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])),
  );
}

function passOn(
  asked: IncomingMessage,
  response: ServerResponse,
  { socketPath, path }: { readonly socketPath: string; readonly path: string },
): void {
  const { method, headers } = asked;
  const passed = request({
    ...{ socketPath, path, method, agent: false },
    headers: only(ASKED, headers),
  });
  passed.on('response', (answered) => {
    const given = { ...only(ANSWERED, answered.headers), ...ONLY_DATA };
    response.writeHead(answered.statusCode ?? 502, given);
    answered.pipe(response);
    answered.on('error', () => response.destroy());
  });
  passed.on('error', () => {
    if (response.headersSent) response.destroy();
    else answer(response, failure(502, 'the process does not answer'));
  });
  response.on('close', () => passed.destroy());
  asked.pipe(passed);
}

function answer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
