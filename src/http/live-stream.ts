// SPDX-License-Identifier: MIT
// Sends data to open live pages as server-sent events, with one watch for all of them, which runs
// while a page is open. It keeps neither the process nor a server alive, and waits for no client.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { LiveMessage } from '../html/live-data.js';
import { LiveTables, type LiveTablesOptions } from '../html/live-tables.js';
import { type Change, watch } from '../service/watch.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { plainJson } from '../text/plain-text.js';
import type { TimeSpan } from '../traces/allocation-time.js';

const EVERY_MS = 2000;
/** Each client costs a message per turn; for more viewers there are metrics. */
const MOST_CLIENTS = 8;
/** Messages that a client may fail to read before it is disconnected. */
const MOST_MISSED = 15;

export interface LiveStreamOptions extends Pick<LiveTablesOptions, 'sources'> {
  /** Takes a snapshot, or returns one that is at most `maxAge` milliseconds old. */
  readonly take: (maxAge: number) => Snapshot | Promise<Snapshot>;
  /** See `takeSnapshotBetween`; undefined: the ages of what `take` shows are not known. */
  readonly takeBetween: ((since: number, until: number) => Snapshot) | undefined;
}

export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #clients = new Set<Client>();
  #watched:
    | { readonly changes: AsyncIterableIterator<Change>; readonly tables: LiveTables }
    | undefined;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#clients.size >= MOST_CLIENTS;
  }

  /**
   * Sends the client of this request all data, and then what changes, until it disconnects.
   *
   * @throws (rejects) TracemallocError ERR_NOT_TRACING; then nothing has been sent yet.
   */
  async open(
    request: IncomingMessage,
    response: ServerResponse,
    headers: Record<string, string>,
  ): Promise<void> {
    const snapshot = await this.#options.take(100);
    if (response.destroyed) return;
    this.#watched ??= this.#watch();
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    response.write(`retry: ${EVERY_MS}\n\n`);
    const client = new Client(request, response);
    this.#clients.add(client);
    response.once('close', () => this.#remove(client));
    this.#tell(snapshot);
  }

  /** Sends all pages the current state; returns its time, ms since the epoch. */
  async refresh(): Promise<number> {
    const snapshot = await this.#options.take(0);
    this.#tell(snapshot);
    return snapshot.timestamp;
  }

  #newTables(): LiveTables {
    const { sources, takeBetween } = this.#options;
    return new LiveTables({ sources, hasAges: takeBetween !== undefined });
  }

  /** A message of its own: what was allocated between two times, ms since the epoch, and lives. */
  allocated({ since, until }: TimeSpan): LiveMessage | undefined {
    const snapshot = this.#options.takeBetween?.(since, until);
    if (snapshot === undefined) return undefined;
    const tables = this.#newTables();
    tables.next(snapshot);
    return tables.whole(snapshot);
  }

  #watch() {
    const changes = watch({ every: EVERY_MS });
    void this.#follow(changes);
    return { changes, tables: this.#newTables() };
  }

  async #follow(changes: AsyncIterableIterator<Change>): Promise<void> {
    try {
      for await (const _ of changes) this.#tell(await this.#options.take(100));
    } catch {
      // On an error the page reconnects, and gets the reason.
    }
    if (this.#watched?.changes !== changes) return;
    this.#watched = undefined;
    for (const client of [...this.#clients]) client.end();
  }

  #tell(snapshot: Snapshot): void {
    if (this.#watched === undefined) return;
    const { tables } = this.#watched;
    const change = event(tables.next(snapshot));
    let whole: string | undefined;
    const makeWhole = () => {
      whole ??= event(tables.whole(snapshot));
      return whole;
    };
    for (const client of [...this.#clients]) client.tell(change, makeWhole);
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    const changes = this.#watched?.changes;
    this.#watched = undefined;
    void changes?.return?.();
  }
}

function event(message: object): string {
  return `data: ${plainJson(message)}\n\n`;
}

class Client {
  readonly #response: ServerResponse;
  readonly #socket: Socket & { readonly server?: Server };
  /** The client needs all data: it has none yet, or has missed a message. */
  #needsWhole = true;
  /** The stream's buffer is full; at most one message is queued beyond that. */
  #isSlow = false;
  #missed = 0;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    this.#socket = request.socket;
    this.#socket.unref();
    response.on('drain', () => {
      this.#isSlow = false;
    });
  }

  tell(change: string, whole: () => string): void {
    // `server.close()` waits for the server's connections to end.
    if (this.#socket.server?.listening === false) {
      this.end();
      return;
    }
    if (this.#isSlow) {
      this.#needsWhole = true;
      this.#missed++;
      if (this.#missed > MOST_MISSED) this.#response.destroy();
      return;
    }
    this.#missed = 0;
    this.#isSlow = !this.#response.write(this.#needsWhole ? whole() : change);
    this.#needsWhole = false;
  }

  end(): void {
    this.#response.end();
  }
}
