// SPDX-License-Identifier: MIT
// A snapshot as a request to Pyroscope's /ingest: pprof in a multipart form, its description in the
// query. Pyroscope adds up what was allocated in each window, and shows what was live at its end.
import { shown, TracemallocError } from '../errors.js';
import { encodeCompressed } from '../pprof/compressed.js';
import { allocatedSince } from '../snapshot/difference.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { PostRequest } from './post.js';

export interface PyroscopeOptions {
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
  options: PyroscopeOptions,
): (snapshot: Snapshot, previous: Snapshot) => Promise<PostRequest> {
  const { url, application, labels = {}, headers = {} } = options ?? {};
  const ingest = ingestUrl(url);
  const name = seriesName(application, labels);
  return async (snapshot, previous) => {
    const traces = allocatedSince(snapshot, previous);
    const duration = elapsed(previous, snapshot);
    // What holds objects is told with names of the program's properties, which stay here.
    const { retainers: _, ...process } = snapshot.process;
    const facts = { ...snapshot, duration, process };
    const profile = await encodeCompressed({ traces, facts });
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

// Time between two snapshots of this thread, ms, by the monotonic clock: by the wall clock, a
// window may last for years, or end before it begins.
function elapsed({ duration: before = 0 }: Snapshot, { duration = 0 }: Snapshot): number {
  // Traces were cleared in between: the time is counted from then.
  return duration < before ? duration : duration - before;
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

function ingestUrl(url: unknown): URL {
  const text = String(url);
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `url must be that of the server, such as http://pyroscope:4040, not ${shown(url)}`,
    );
  }
  parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}/ingest`;
  return parsed;
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
