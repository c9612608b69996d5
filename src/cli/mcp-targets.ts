// SPDX-License-Identifier: MIT
// Which service a tool asks: one on this machine, one on a host that the user has allowed, or a
// process that is attached to. Only the paths of createHandler() are ever asked for, and no file.
import { attachedSocket } from '../attach/attached-socket.js';
import { Attachment } from '../attach/attachment.js';
import { isLoopbackName } from '../host/loopback.js';
import type { RetainersAnswer } from '../html/live-data.js';
import { readProcess } from '../processes/process-state.js';
import type { Report } from '../report/report.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Options, Values } from './command.js';
import { download, MOST_JSON } from './download.js';
import { readSnapshot } from './input.js';
import { ToolError } from './mcp-inputs.js';
import { parseReport } from './report-answer.js';
import { parseRetainers } from './retainers-answer.js';

const HEAP = '/debug/pprof/heap';
const REPORT = '/debug/tracemalloc';
const RETAINERS = '/debug/tracemalloc/retainers';
const PATIENCE_MS = 20_000;

const number = (most: number) => (text: string) =>
  /^[1-9]\d{0,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

/** Which process is meant. */
export const TARGET = {
  port: {
    value: 'PORT',
    meaning: 'port on this machine of a service that has createHandler()',
    expects: 'a number from 1 to 65535',
    parse: number(65_535),
  },
  url: {
    value: 'URL',
    meaning:
      'address of such a service: on this machine, or on a host that the user has allowed; with a path if its endpoints are below one',
  },
  pid: {
    value: 'PID',
    meaning: 'process id of a process that is attached to',
    expects: 'a process id',
    parse: number(2 ** 31 - 1),
  },
} as const satisfies Options;

/** A host that the user has allowed. */
export interface AllowedHost {
  /** As URLs have it. */
  readonly hostname: string;
  /** Undefined: all of its ports. */
  readonly port: number | undefined;
}

/** What the user has allowed, and the assistant can't change. */
export interface Allowed {
  /** Hosts besides this machine; only these get the token. */
  readonly hosts: readonly AllowedHost[];
  readonly token: string | undefined;
}

/** Undefined: neither `HOST` nor `HOST:PORT`. */
export function parseAllowedHost(text: string): AllowedHost | undefined {
  const [, host, port] = /^(\[[\da-f:.]+\]|[^\s:/\\?#@[\]]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const isSound = URL.canParse(`http://${host}`) && (port === undefined || isPort(Number(port)));
  if (host === undefined || !isSound) return undefined;
  const { hostname } = new URL(`http://${host}`);
  return { hostname, port: port === undefined ? undefined : Number(port) };
}

function isPort(given: number): boolean {
  return given >= 1 && given <= 65_535;
}

/** A service that can be asked. */
export interface AskedService {
  /** For the answers. */
  readonly name: string;
  readonly snapshot: (signal: AbortSignal) => Promise<Snapshot>;
  /** Its report; what arrives need not have the form of one. */
  readonly report: (
    signal: AbortSignal,
    query: Readonly<Record<string, string>>,
  ) => Promise<Report>;
  /** What holds the objects of a line, or of the suspects. A search takes time of its own, ms. */
  readonly retainers: (
    signal: AbortSignal,
    query: Readonly<Record<string, string>>,
    timeout: number,
  ) => Promise<RetainersAnswer>;
}

/** @throws ToolError unless exactly one service is named, which may be asked. */
export function serviceOf(
  { port, url, pid }: Values<typeof TARGET>,
  { hosts, token }: Allowed,
): AskedService {
  const named = [port, url, pid].filter((each) => each !== undefined);
  if (named.length !== 1) throw new ToolError('name one service, by port, url or pid');
  if (pid !== undefined) return attachedTarget(pid);
  const base = baseOf(url ?? `http://127.0.0.1:${port}`);
  const isNamed = hosts.some((host) => isHost(base, host));
  if (!isNamed && !isLoopbackName(base.hostname)) {
    throw new ToolError(
      `${base.host} is not on this machine; the user can allow it with --allow-remote ${base.hostname}`,
    );
  }
  return targetAt(base, {
    name: base.href.replace(/\/$/, ''),
    // Any user of this machine can listen on a port of it.
    token: isNamed ? token : undefined,
  });
}

function attachedTarget(pid: number): AskedService {
  const state = readProcess(pid);
  if (state === undefined) throw new ToolError(`there is no process ${pid}`);
  if (attachedSocket(pid) === undefined) {
    throw new ToolError(
      `process ${pid} is not attached to; the tool attach does that, if the user has allowed it`,
    );
  }
  const { socketPath } = new Attachment(state);
  return targetAt(new URL('http://localhost/'), { name: `process ${pid}`, socketPath });
}

interface AddressOptions {
  readonly name: string;
  readonly socketPath?: string;
  readonly token?: string | undefined;
}

function targetAt(base: URL, { name, socketPath, token }: AddressOptions): AskedService {
  const at = (path: string) => {
    const url = new URL(base);
    // Not resolved as a reference: that may name another host.
    url.pathname = `${base.pathname.replace(/\/$/, '')}${path}`;
    return url;
  };
  const socket = socketPath === undefined ? {} : { socketPath };
  const ask = async (path: string, query: Readonly<Record<string, string>>, options: Asking) => {
    const url = at(path);
    url.search = String(new URLSearchParams({ ...query, format: 'json' }));
    const bytes = await download(url, { token, most: MOST_JSON, ...options, ...socket });
    return Buffer.from(bytes).toString();
  };
  return {
    name,
    snapshot: (signal) => readSnapshot(at(HEAP).href, { token, signal, ...socket }),
    report: async (signal, query) =>
      parseReport(name, await ask(REPORT, query, { signal, patience: PATIENCE_MS })),
    retainers: async (signal, query, timeout) => {
      const text = await ask(RETAINERS, query, { signal, patience: timeout + PATIENCE_MS });
      const answer = parseRetainers(text);
      if (answer !== undefined) return answer;
      throw new ToolError(`${name} does not say what holds objects`);
    },
  };
}

interface Asking {
  readonly signal: AbortSignal;
  /** ms. */
  readonly patience: number;
}

/** The address below which the endpoints are. */
function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ToolError('url must be an address such as http://127.0.0.1:3000');
  }
  const hasMore = url.username + url.password + url.search + url.hash !== '';
  if (hasMore) throw new ToolError('url must be an address without user, password and query');
  url.pathname = url.pathname.replace(/\/debug\/(pprof\/heap|tracemalloc\/?)$/, '/');
  if (url.pathname.startsWith('//')) {
    throw new ToolError('url must be an address whose path does not begin with //');
  }
  return url;
}

function isHost({ hostname, port, protocol }: URL, allowed: AllowedHost): boolean {
  // A URL leaves out its protocol's default port.
  const ownPort = Number(port || (protocol === 'https:' ? 443 : 80));
  return hostname === allowed.hostname && (allowed.port ?? ownPort) === ownPort;
}
