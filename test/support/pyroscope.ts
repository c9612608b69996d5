// SPDX-License-Identifier: MIT
// A server that accepts the same requests as Pyroscope's /ingest, and interprets them in the same
// way: the series' name and labels, the window, and the form's pprof profile.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Snapshot } from '../../src/snapshot/snapshot.js';

export interface Ingested {
  readonly path: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the epoch. */
  readonly from: number;
  readonly until: number;
  readonly spyName: string | null;
  readonly headers: IncomingMessage['headers'];
  readonly profile: Snapshot;
}

export class Receiver {
  readonly ingested: Ingested[] = [];
  /** Received bodies, including those that were answered with an error. */
  readonly bodies: Buffer[] = [];
  /** Status codes for the next requests, in order; then 200. 0: no response at all. */
  readonly answers: number[] = [];
  readonly #server: Server;
  #arrived = () => {};

  constructor() {
    this.#server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      const status = this.answers.shift() ?? 200;
      this.bodies.push(body);
      if (status === 200) this.ingested.push(await ingest(request, body));
      if (status !== 0) {
        response.statusCode = status;
        response.end(status === 200 ? '' : `answer ${status}`);
      }
      this.#arrived();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function ingest(request: IncomingMessage, body: Buffer): Promise<Ingested> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const contentType = request.headers['content-type'] ?? '';
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData();
  if ([...form.keys()].join() !== 'profile') throw new Error(`fields ${[...form.keys()]}`);
  const file = form.get('profile') as File;
  const [, name = '', pairs = ''] =
    /^([^{]*)(?:\{(.*)\})?$/.exec(searchParams.get('name') ?? '') ?? [];
  return {
    path: `${request.method} ${pathname}`,
    name,
    labels: Object.fromEntries(
      pairs
        .split(',')
        .filter(Boolean)
        .map((pair) => pair.split('=') as [string, string]),
    ),
    from: Number(searchParams.get('from')),
    until: Number(searchParams.get('until')),
    spyName: searchParams.get('spyName'),
    headers: request.headers,
    profile: await load(Buffer.from(await file.arrayBuffer())),
  };
}

async function load(bytes: Buffer): Promise<Snapshot> {
  const directory = mkdtempSync(join(tmpdir(), 'ingested-'));
  try {
    writeFileSync(join(directory, 'profile'), bytes);
    return await Snapshot.load(join(directory, 'profile'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
