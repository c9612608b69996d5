// SPDX-License-Identifier: MIT
// Serves the live page of an attached process on loopback: passes requests on to its Unix socket, for
// those who may read. Other users of the machine can connect to the port, too, but may not open the
// socket: they do not know the random first part of the page's path.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessRule } from '../http/access.js';
import { failure } from '../http/answer.js';

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
      } else passOn(asked, response, { socketPath, path });
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

function passOn(
  asked: IncomingMessage,
  response: ServerResponse,
  { socketPath, path }: { readonly socketPath: string; readonly path: string },
): void {
  const { method, headers } = asked;
  const passed = request({ socketPath, path, method, headers, agent: false });
  passed.on('response', (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
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

function answer(
  response: ServerResponse,
  { status, headers, body }: ReturnType<typeof failure>,
): void {
  response.writeHead(status, headers).end(body);
}
