// SPDX-License-Identifier: MIT
// Downloads a profile from a service, which may be another program, or malicious: what it sends is
// bounded in size and in time, and redirects are not followed.
import { once } from 'node:events';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { TracemallocError } from '../errors.js';
import { ALWAYS_ALLOWED } from '../pprof/file.js';
import { formatSize } from '../text/size.js';

export interface DownloadOptions {
  /** Sent as `Authorization: Bearer TOKEN`. */
  readonly token: string | undefined;
  /** Milliseconds to wait; the seconds of `?seconds=` are added. */
  readonly patience: number;
  /** A Unix socket on which the service listens, in place of the URL's host. */
  readonly socketPath?: string | undefined;
  /** Aborts the download. */
  readonly signal?: AbortSignal | undefined;
  /** What messages call it; default the URL. */
  readonly shownAs?: string;
  /** Bytes of the answer; default what a profile may have. */
  readonly most?: number;
}

/** Bytes per second: what has arrived extends the time limit at this rate. */
const SLOWEST = 256 * 1024;
const MOST_REASON = 200;

/** Bytes of an answer in JSON, of which each may take thirty when it is parsed. */
export const MOST_JSON = 32 * 2 ** 20;

/** @throws (rejects) TracemallocError ERR_READ_FAILED. */
export async function download(url: URL, options: DownloadOptions): Promise<Uint8Array> {
  const { token, socketPath, signal, shownAs = String(url), most = ALWAYS_ALLOWED } = options;
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    agent: false,
    headers: {
      'accept-encoding': 'identity',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(signal === undefined ? {} : { signal }),
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  const patience = watchTime(url, options, () => size);
  // Why a response broke off: the response's own error only says that it did.
  let broken: Error | undefined;
  request.on('error', (error) => {
    broken ??= error;
  });
  try {
    const response = await Promise.race([answerTo(request.end()), patience.ended]);
    const room = response.statusCode === 200 ? most : MOST_REASON;
    if (response.statusCode === 200) requirePlain(shownAs, response);
    const read = async () => {
      for await (const chunk of response as AsyncIterable<Uint8Array>) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > room) break;
      }
    };
    await Promise.race([read(), patience.ended]);
    if (response.statusCode !== 200)
      throw failure(shownAs, refusalIn(response, Buffer.concat(chunks)));
    if (size > room)
      throw failure(shownAs, `sends more than ${formatSize(room)}, as no service does`);
    return Buffer.concat(chunks);
  } catch (cause) {
    if (cause instanceof TracemallocError) throw cause;
    const { message } = broken ?? (cause as Error);
    throw new TracemallocError('ERR_READ_FAILED', `can't reach ${shownAs}: ${message}`, { cause });
  } finally {
    patience.stop();
    request.destroy();
  }
}

async function answerTo(request: ReturnType<typeof requestHttp>): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** `ended` rejects when time is up. */
function watchTime(
  url: URL,
  { patience, shownAs = String(url) }: DownloadOptions,
  size: () => number,
) {
  const asked = Math.max(0, Number(url.searchParams.get('seconds')) * 1000 || 0);
  const begun = performance.now();
  let timer: NodeJS.Timeout;
  const ended = new Promise<never>((_, reject) => {
    const look = () => {
      const left = begun + asked + patience + (size() / SLOWEST) * 1000 - performance.now();
      if (left > 0) {
        timer = setTimeout(look, left);
        return;
      }
      const seconds = Math.round((asked + patience) / 1000);
      const arrived = size() === 0 ? 'nothing' : `only ${formatSize(size())}`;
      reject(failure(shownAs, `has sent ${arrived} in ${seconds} s`));
    };
    look();
  });
  ended.catch(() => undefined);
  return { ended, stop: () => clearTimeout(timer) };
}

// No content encoding was requested, and none is decoded.
function requirePlain(shownAs: string, { headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return;
  throw failure(shownAs, `answers in an encoding that was not asked for, ${encoding.slice(0, 60)}`);
}

function refusalIn({ statusCode, headers }: IncomingMessage, body: Buffer): string {
  if (headers.location !== undefined) {
    const to = headers.location.slice(0, MOST_REASON);
    return `answers ${statusCode}, with another address, which is not followed: ${to}`;
  }
  const reason = body.toString('utf8', 0, MOST_REASON).split('\n')[0];
  return `answers ${statusCode}: ${reason}`;
}

function failure(shownAs: string, what: string): TracemallocError {
  return new TracemallocError('ERR_READ_FAILED', `${shownAs} ${what}`);
}
