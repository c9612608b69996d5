// SPDX-License-Identifier: MIT
// An HTTP request that does not keep the process alive and always ends.
import type { IncomingMessage } from 'node:http';
import { clearTimeout, setTimeout } from '../host/real-time.js';
import { plain } from '../text/plain-text.js';

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The server rejects the request: sending it again would not help. */
export class RefusedError extends Error {}

const MAX_REASON = 200;

/** @throws (rejects) RefusedError, or another error with the server's address in its message. */
export function post(
  { url, headers, body }: PostRequest,
  { timeout, signal }: { timeout: number; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const where = `${url.origin}${url.pathname}`;
    // An error that is logged shows what the server has said, which may be in a certificate, too.
    const told = (what: string) => `${where}: ${plain(what)}`;
    const fail = (error: Error) => reject(new Error(told(error.message)));
    // Not imported: on Node 22 importing node:http evaluates its lazy exports, which loads
    // megabytes of unused code, and fails under --jitless.
    const client = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
    const request = client.request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': body.byteLength },
      // A connection of its own, since one of a shared agent must not be unref'ed.
      agent: false,
      signal,
    });
    const timer = setTimeout(() => {
      request.destroy(new Error(`no response within ${timeout} ms`));
    }, timeout).unref();
    request.once('socket', (socket) => socket.unref());
    request.once('close', () => clearTimeout(timer));
    request.once('error', fail);
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        if (text.length < MAX_REASON) text += piece;
      });
      response.once('error', fail);
      response.once('end', () => {
        if (status >= 200 && status < 300) return resolve();
        const reason = redirectIn(response) ?? text.slice(0, MAX_REASON).trim();
        const title = response.statusMessage?.slice(0, MAX_REASON);
        const message = told(`${status} ${title}${reason && `: ${reason}`}`);
        const isFinal = status >= 300 && status < 500 && status !== 408 && status !== 429;
        reject(isFinal ? new RefusedError(message) : new Error(message));
      });
    });
    request.end(body);
  });
}

// Headers may contain credentials, which are meant for the configured address only.
function redirectIn({ headers: { location } }: IncomingMessage): string | undefined {
  if (location === undefined) return undefined;
  return `another address, which is not followed: ${location.slice(0, MAX_REASON)}`;
}
