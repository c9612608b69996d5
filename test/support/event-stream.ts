// SPDX-License-Identifier: MIT
// Reads server-sent events one message after the other, until the test has enough.
import type { IncomingMessage } from 'node:http';

export class EventStream<Message> {
  readonly #response: IncomingMessage;
  readonly #messages: Message[] = [];
  #arrived: (() => void) | undefined;

  constructor(response: IncomingMessage) {
    this.#response = response;
    let rest = '';
    response.on('error', () => undefined); // from closing it while data is in transit
    response.setEncoding('utf8').on('data', (text: string) => {
      const events = (rest + text).split('\n\n');
      rest = events.pop()!;
      for (const event of events) {
        if (event.startsWith('data: ')) this.#messages.push(JSON.parse(event.slice(6)));
      }
      this.#arrived?.();
    });
  }

  async next(): Promise<Message> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.#messages.shift()!;
  }

  close(): void {
    this.#response.destroy();
  }
}
