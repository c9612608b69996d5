// SPDX-License-Identifier: MIT
// Snapshots named on the command line: files, `-` for stdin, and services that answer by HTTP.
import { TracemallocError } from '../errors.js';
import { parseProfile, readProfile } from '../pprof/file.js';
import type { OnProgress } from '../pprof/split.js';
import { Snapshot } from '../snapshot/snapshot.js';

const PATH = '/debug/pprof/heap';

/** For commands that read from a URL. */
export const TOKEN = {
  token: {
    value: 'TOKEN',
    meaning: "for a URL; others can't see it in TRACEMALLOC_TOKEN",
  },
} as const;

export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

export interface ReadOptions {
  readonly token: string | undefined;
  readonly onProgress?: OnProgress;
}

/** @throws TracemallocError ERR_READ_FAILED, ERR_INVALID_PROFILE. */
export async function readSnapshot(
  source: string,
  { token, onProgress }: ReadOptions,
): Promise<Snapshot> {
  const { traces, facts } = isUrl(source)
    ? await download(profileUrl(source), token, onProgress)
    : await readProfile(source === '-' ? '/dev/stdin' : source, onProgress);
  return new Snapshot(traces, facts);
}

async function download(url: URL, token: string | undefined, onProgress: OnProgress | undefined) {
  return parseProfile(await get(url, token), String(url), onProgress);
}

/** A service's address alone means its heap profile. */
export function profileUrl(source: string): URL {
  if (!URL.canParse(source)) {
    throw new TracemallocError('ERR_INVALID_ARGUMENT', `${source} is not a URL`);
  }
  const url = new URL(source);
  if (url.pathname === '/') url.pathname = PATH;
  return url;
}

async function get(url: URL, token = process.env['TRACEMALLOC_TOKEN']): Promise<Uint8Array> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  let body: Uint8Array;
  try {
    response = await fetch(url, { headers });
    body = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    const { message } = ((cause as Error).cause as Error | undefined) ?? (cause as Error);
    throw new TracemallocError('ERR_READ_FAILED', `can't reach ${url}: ${message}`, { cause });
  }
  if (response.ok) return body;
  const reason = new TextDecoder().decode(body.subarray(0, 200)).split('\n')[0];
  throw new TracemallocError('ERR_READ_FAILED', `${url} answers ${response.status}: ${reason}`);
}
