// SPDX-License-Identifier: MIT
// Snapshots named on the command line: files, `-` for stdin, and services that answer by HTTP.
import { TracemallocError } from '../errors.js';
import { parseProfile, readProfile } from '../pprof/file.js';
import type { OnProgress } from '../pprof/split.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { type DownloadOptions, download } from './download.js';

const PATH = '/debug/pprof/heap';
// A large profile takes seconds to write on a busy machine.
const PATIENCE_MS = 20_000;

/** For commands that read from a URL. */
export const TOKEN = {
  token: {
    value: 'TOKEN',
    meaning: 'token for a URL; TRACEMALLOC_TOKEN in its place is not visible to other users',
  },
} as const;

export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** What an operand names: a number is the port of a service on this machine. */
export function sourceOf(operand: string): string {
  return /^\d+$/.test(operand) ? `http://127.0.0.1:${operand}` : operand;
}

export interface ReadOptions {
  /** For a URL; undefined: the token of the environment is used, unless there is a `socketPath`. */
  readonly token: string | undefined;
  /** How long a service may be silent, milliseconds. */
  readonly patience?: number;
  /** A Unix socket on which the service listens, in place of the URL's host. */
  readonly socketPath?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** @throws TracemallocError ERR_READ_FAILED, ERR_INVALID_PROFILE, ERR_INVALID_ARGUMENT. */
export async function readSnapshot(source: string, options: ReadOptions): Promise<Snapshot> {
  const { onProgress } = options;
  const { traces, facts } = isUrl(source)
    ? await parseProfile(await bytesFrom(profileUrl(source), options), source, onProgress)
    : await readProfile(source === '-' ? '/dev/stdin' : source, onProgress);
  return new Snapshot(traces, facts);
}

type ServiceOptions = Omit<ReadOptions, 'onProgress'> & Pick<DownloadOptions, 'shownAs' | 'most'>;

/** @throws TracemallocError ERR_READ_FAILED. */
export function bytesFrom(
  url: URL,
  { token, patience = PATIENCE_MS, ...options }: ServiceOptions,
): Promise<Uint8Array> {
  // An attached process is not the service that the environment's token is for.
  const isService = options.socketPath === undefined;
  const standard = isService ? process.env['TRACEMALLOC_TOKEN'] : undefined;
  return download(url, { ...options, token: token ?? standard, patience });
}

/** A service's address alone means its heap profile. */
export function profileUrl(source: string): URL {
  return serviceUrl(source, PATH);
}

/**
 * The address of an endpoint, of which that of the service may be all that is given.
 *
 * @throws TracemallocError ERR_INVALID_ARGUMENT.
 */
export function serviceUrl(source: string, path: string): URL {
  if (!URL.canParse(source)) {
    throw new TracemallocError('ERR_INVALID_ARGUMENT', `${source} is not a URL`);
  }
  const url = new URL(source);
  // Credentials in the URL would appear in messages, reports and the list of processes.
  if (url.username !== '' || url.password !== '') {
    throw new TracemallocError(
      'ERR_INVALID_ARGUMENT',
      `leave user and password out of the URL of ${url.host}: pass a token by --token or TRACEMALLOC_TOKEN`,
    );
  }
  if (url.pathname === '/') url.pathname = path;
  return url;
}
