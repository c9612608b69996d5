// SPDX-License-Identifier: MIT
// A snapshot as a request to Pyroscope's /ingest: pprof in a multipart form, its description in the
// query. Pyroscope adds up what was allocated in each window, and shows what was live at its end.
import { shown, TracemallocError } from '../errors.js';
import { encodeCompressed } from '../pprof/compressed.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { PostRequest } from './post.js';
import { endpointOf, windowOf } from './window.js';

const ENDPOINT = { path: '/ingest', example: 'http://pyroscope:4040' };

/** What a request needs to know of the server and the application. */
export interface ServerOptions {
  readonly url: string | URL;
  readonly application: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Makes the request for a snapshot and the one before it.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function pyroscopeRequest(
  options: ServerOptions,
): (snapshot: Snapshot, previous: Snapshot) => Promise<PostRequest> {
  const { url, application, labels = {}, headers = {} } = options ?? {};
  const ingest = endpointOf(url, ENDPOINT);
  const name = seriesName(application, labels);
  return async (snapshot, previous) => {
    const window = windowOf(snapshot, previous);
    const { duration } = window.facts;
    const profile = await encodeCompressed(window);
    const target = new URL(ingest);
    const query = {
      name,
      from: String(Math.floor((snapshot.timestamp - duration) / 1000)),
      until: String(Math.ceil(snapshot.timestamp / 1000)),
      // Pyroscope formats frames by the language of this client.
      spyName: 'nodespy',
    };
    for (const [key, value] of Object.entries(query)) target.searchParams.set(key, value);
    const form = multipart(profile);
    return {
      url: target,
      headers: { ...headers, 'content-type': form.contentType },
      body: form.body,
    };
  };
}

// Not FormData, whose bodies some releases of Node 24 never free.
function multipart(profile: Uint8Array): { contentType: string; body: Uint8Array } {
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  const boundary = `tracemalloc-${randomUUID()}`;
  const head =
    `--${boundary}\r\n` +
    'Content-Disposition: form-data; name="profile"; filename="profile.pprof"\r\n' +
    'Content-Type: application/octet-stream\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), profile, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

/** `name{key=value,...}` */
function seriesName(application: unknown, labels: Readonly<Record<string, unknown>>): string {
  if (typeof application !== 'string' || !/^[\w./-]+$/.test(application)) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `application must be a name of letters, digits and _ - . /, not ${shown(application)}`,
    );
  }
  const pairs = Object.entries(labels).map(([key, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(key) || typeof value !== 'string' || /[,{}]/.test(value)) {
      throw new TracemallocError(
        'ERR_INVALID_OPTION',
        `labels must be names with strings that have no , { or }; ${shown(key)} is ${shown(value)}`,
      );
    }
    return `${key}=${value}`;
  });
  return pairs.length === 0 ? application : `${application}{${pairs.join(',')}}`;
}
