// SPDX-License-Identifier: MIT
// A process to which the command is attached, by a Unix socket, with a lease that the command renews.
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { PATHS, RENEW_MS } from '../attached/protocol.js';
import { isAlive, type ProcessState } from '../processes/process-state.js';
import { attachedSocket, SocketFile } from './attached-socket.js';
import { AttachRefusal } from './refusal.js';

const DETACHING_MS = 10_000;
const POLL_MS = 10;

export class Attachment {
  readonly #process: ProcessState;
  readonly #socket: SocketFile;
  #lease: ClientRequest | undefined;
  #renewal: NodeJS.Timeout | undefined;

  /** @throws AttachRefusal as SocketFile */
  constructor(process: ProcessState) {
    this.#process = process;
    this.#socket = new SocketFile(process);
  }

  /** A path at which this process can open the socket. */
  get socketPath(): string {
    return this.#socket.path;
  }

  /**
   * Renews the lease from now on; resolves when the process has it. `onEnd` is called when the
   * process ends it, or ends.
   */
  hold(onEnd: () => void): Promise<void> {
    const lease = this.#ask(PATHS.lease, 'POST');
    this.#lease = lease;
    lease.flushHeaders();
    this.#renewal = setInterval(() => lease.write('.'), RENEW_MS);
    lease.on('response', (response) => response.resume());
    lease.on('error', () => undefined);
    lease.on('close', () => {
      clearInterval(this.#renewal);
      if (this.#lease === lease) onEnd();
    });
    return new Promise((resolve) => {
      lease.on('response', () => resolve());
      lease.on('close', () => resolve());
    });
  }

  /** @throws (rejects) the system's error when the process does not answer. */
  async get(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const [response] = await once(this.#ask(path, 'GET').end(), 'response', { signal });
    return response as IncomingMessage;
  }

  /**
   * Ends tracing there, and resolves when all of it is gone.
   *
   * @throws (rejects) AttachRefusal if the process does not answer; then its lease ends, and it detaches
   *   when it runs again.
   */
  async detach(): Promise<void> {
    const { pid } = this.#process;
    const lease = this.#lease;
    this.#lease = undefined;
    clearInterval(this.#renewal);
    const until = performance.now() + DETACHING_MS;
    const asked = this.#ask(PATHS.detach, 'POST');
    asked.on('response', (response) => response.resume());
    asked.on('error', () => undefined);
    asked.end();
    // A process that is killed closes its socket before it counts as ended.
    while (isAlive(this.#process) && (attachedSocket(pid) !== undefined || this.#socket.exists)) {
      if (performance.now() > until) {
        if (attachedSocket(pid) === undefined) break;
        asked.destroy();
        lease?.destroy();
        throw new AttachRefusal(
          `process ${pid} does not answer; it detaches by itself as soon as it runs again`,
        );
      }
      await delay(POLL_MS);
    }
    asked.destroy();
    lease?.destroy();
    if (!isAlive(this.#process)) this.#socket.remove();
  }

  #ask(path: string, method: 'GET' | 'POST'): ClientRequest {
    const { socketPath } = this;
    return request({ socketPath, path, method, agent: false, headers: { host: 'localhost' } });
  }
}
