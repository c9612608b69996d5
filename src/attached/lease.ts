// SPDX-License-Identifier: MIT
// How long the process is traced: until the command ends, which closes its connection, or until it
// has sent nothing for a while, as a command that is stopped (Ctrl+Z) does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clearTimeout, setImmediate, setTimeout } from '../host/real-time.js';
import { LEASE_MS } from './protocol.js';

export class Lease {
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;
  #renewals = 0;

  /** @param onEnd - called once it is over, unless `end()` was called before. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  renew(): void {
    if (this.#isEnded) return;
    this.#renewals++;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(this.#renewals), LEASE_MS).unref();
  }

  // After the event loop was blocked, renewals are read only after this timer has run.
  #expire(renewals: number): void {
    setImmediate(() => {
      if (!this.#isEnded && renewals === this.#renewals) this.#onEnd();
    });
  }

  /** Renewed by each byte of the request; over when the client leaves. */
  hold(request: IncomingMessage, response: ServerResponse): void {
    this.renew();
    response.writeHead(200).flushHeaders();
    request.on('data', () => this.renew());
    response.on('close', () => {
      if (!this.#isEnded) this.#onEnd();
    });
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }
}
