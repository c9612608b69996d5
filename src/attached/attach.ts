// SPDX-License-Identifier: MIT
// Runs in the process that `tracemalloc attach` names: starts tracing, and serves it on a Unix socket
// that only its user can reach, until the lease ends. Then everything is as before.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TracemallocError } from '../errors.js';
import { packageVersion } from '../files/package-files.js';
import { quietly } from '../host/quietly.js';
import { setTimeout } from '../host/real-time.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import { threadId } from '../host/thread.js';
import { handlerOf } from '../http/handler.js';
import { shareSnapshotsWithWorkers } from '../service/process-snapshot.js';
import { recentProcessSnapshot } from '../service/recent-process.js';
import { isTracing, start, status, stop } from '../tracer.js';
import { Lease } from './lease.js';
import {
  type Attached,
  type AttachOptions,
  DIRECTORY_PREFIX,
  PATHS,
  SOCKET_NAME,
} from './protocol.js';
import { streamReports } from './report-stream.js';
import { startInWorkers, stopInWorkers, type WorkerWatch } from './workers.js';

type HttpServer = import('node:http').Server;

const state = sharedByCopies(`${packageVersion} attached`, () => ({
  current: undefined as ServedTracing | undefined,
}));

/**
 * @throws (rejects) TracemallocError ERR_BUSY: it is attached already, another copy of the package
 *   traces, or it was detached meanwhile; as `start()`; ERR_WRITE_FAILED: there is no place for the socket. Nothing is left then.
 */
export async function attach(options: AttachOptions): Promise<Attached> {
  // An attachment that is ending does not count.
  if (state.current?.isEnding) await state.current.end();
  if (state.current !== undefined) {
    throw new TracemallocError('ERR_BUSY', 'tracemalloc is already attached to it');
  }
  const other = otherTracer();
  if (other !== undefined) {
    throw new TracemallocError('ERR_BUSY', `${other} is already tracing in it: use its endpoints`);
  }
  const served = new ServedTracing();
  state.current = served;
  try {
    return await served.begin(options);
  } catch (error) {
    await served.end();
    throw error;
  }
}

/** A tracer of another version of the package, which shares nothing with this one. */
function otherTracer(): string | undefined {
  const own = Symbol.for(`tracemalloc ${packageVersion} tracer`);
  for (const key of Object.getOwnPropertySymbols(globalThis)) {
    const [, version] = /^tracemalloc (\S+) tracer$/.exec(key.description ?? '') ?? [];
    if (version === undefined || key === own) continue;
    const shared = (globalThis as { [key: symbol]: { session?: unknown } | undefined })[key];
    if (shared?.session !== undefined) return `tracemalloc ${version}`;
  }
  return undefined;
}

class ServedTracing {
  #server: HttpServer | undefined;
  #directory: string | undefined;
  #isOurs = false;
  #workers: WorkerWatch | undefined;
  #ended: Promise<void> | undefined;
  readonly #lease = new Lease(() => void this.#endSoon());

  async begin(options: AttachOptions): Promise<Attached> {
    const wasTracing = isTracing();
    if (!wasTracing) {
      start(options);
      this.#isOurs = true;
      shareSnapshotsWithWorkers();
    }
    this.#directory = makeDirectory();
    const socket = `${this.#directory}/${SOCKET_NAME}`;
    await this.#serve(socket);
    this.#lease.renew();
    if (this.#isOurs && threadId === 0) {
      this.#workers = startInWorkers(options);
      await this.#workers?.started;
    }
    if (this.isEnding) throw new TracemallocError('ERR_BUSY', 'it was detached meanwhile');
    const { precision = 'function', reason } = status();
    return { socket, precision, reason, wasTracing, workers: (await this.#workers?.started) ?? 0 };
  }

  get isEnding(): boolean {
    return this.#ended !== undefined;
  }

  /** Idempotent. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** Never rejects, since no code awaits it. */
  async #endSoon(): Promise<void> {
    try {
      await this.end();
    } catch {
      // What could not be ended ends with the process.
    }
  }

  async #end(): Promise<void> {
    this.#lease.end();
    if (this.#isOurs) quietly(stop);
    try {
      if (this.#workers !== undefined) await stopInWorkers(this.#workers);
    } finally {
      const { rmSync } = process.getBuiltinModule('node:fs');
      const directory = this.#directory;
      if (directory !== undefined)
        quietly(() => rmSync(directory, { recursive: true, force: true }));
      if (state.current === this) state.current = undefined;
      // Last: who asked for this waits until the socket is gone.
      this.#server?.close();
      this.#server?.closeAllConnections();
    }
  }

  #serve(socket: string): Promise<void> {
    const { createServer } = process.getBuiltinModule('node:http');
    // The rights of its directory decide who can open the socket.
    const handler = handlerOf({ allow: () => true }, recentProcessSnapshot);
    const routes: Readonly<
      Record<string, (request: IncomingMessage, response: ServerResponse) => void>
    > = {
      [PATHS.lease]: (request, response) => this.#lease.hold(request, response),
      [PATHS.reports]: streamReports,
      [PATHS.closeInspector]: closeInspector,
      [PATHS.detach]: () => void this.#endSoon(),
    };
    // The request of a lease never ends.
    const server = createServer({ requestTimeout: 0 }, (request, response) => {
      const next = () => {
        const [path = ''] = (request.url ?? '').split('?', 1);
        const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
        if (route !== undefined) route(request, response);
        else response.writeHead(404).end();
      };
      // An exception here would end the application.
      try {
        handler(request, response, next);
      } catch (error) {
        quietly(() => response.writeHead(503).end(`${(error as Error)?.message}\n`));
      }
    });
    this.#server = server;
    // None of this keeps the process alive.
    server.on('connection', (connection) => connection.unref());
    server.unref();
    return new Promise((resolve, reject) => {
      // Later ones, too: an error without a listener would end the application.
      server.on('error', reject);
      // Exclusive, since a cluster's primary must not listen for its worker.
      server.listen({ path: socket, exclusive: true }, () => {
        process.getBuiltinModule('node:fs').chmodSync(socket, 0o600);
        resolve();
      });
    });
  }
}

/** Node's side of the command's connection may still be ending. */
const LEAVING_MS = 20;

function closeInspector(_: IncomingMessage, response: ServerResponse): void {
  const close = () => quietly(() => process.getBuiltinModule('node:inspector').close());
  setTimeout(close, LEAVING_MS).unref();
  response.end();
}

/** The longest path of a Unix socket, without the zero at its end, also seen from another container. */
const MOST_PATH = 107 - '/proc/4194304/root'.length;

function makeDirectory(): string {
  const { mkdtempSync, realpathSync } = process.getBuiltinModule('node:fs');
  let reason = 'all paths are too long';
  // A container's file system may be read-only but for some of these.
  for (const parent of [process.getBuiltinModule('node:os').tmpdir(), '/tmp', '/dev/shm', '/run']) {
    try {
      // The command follows no links, and has another working directory.
      const prefix = `${realpathSync(parent).replace(/\/$/, '')}/${DIRECTORY_PREFIX}`;
      if (Buffer.byteLength(`${prefix}XXXXXX/${SOCKET_NAME}`) > MOST_PATH) continue;
      return mkdtempSync(prefix);
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  throw new TracemallocError(
    'ERR_WRITE_FAILED',
    `no directory for a socket can be written to: ${reason}`,
  );
}
