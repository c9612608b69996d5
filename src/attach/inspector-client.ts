// SPDX-License-Identifier: MIT
// A client of Node's inspector protocol, over a connection that the caller makes.
import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';

/** Makes a connection to the inspector's port on loopback, as the process sees it. */
export type Connect = () => Duplex;

const MOST_BYTES = 1024 * 1024;

/** The WebSocket's path if an inspector answers; undefined: something else does. */
export async function inspectorPath(
  connect: Connect,
  signal: AbortSignal,
): Promise<string | undefined> {
  const asked = request({
    path: '/json/list',
    headers: { host: 'localhost' },
    createConnection: connect as never,
    signal,
  });
  try {
    const [response] = (await once(asked.end(), 'response')) as [
      import('node:http').IncomingMessage,
    ];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk;
      if (text.length > MOST_BYTES) return undefined;
    }
    const targets: unknown = JSON.parse(text);
    if (!Array.isArray(targets)) return undefined;
    const { webSocketDebuggerUrl: url, type } = targets[0] ?? {};
    return type === 'node' && URL.canParse(url) ? new URL(url).pathname : undefined;
  } catch {
    return undefined;
  } finally {
    asked.destroy();
  }
}

interface InspectorMessage {
  readonly id?: number;
  readonly method?: string;
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: {
      readonly text?: string;
      readonly exception?: { readonly description?: string };
    };
  };
  readonly error?: { readonly message: string };
}

export class InspectorClient {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: InspectorMessage) => void>();
  #asked = 0;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => this.#take(String(data)));
  }

  /** @throws (rejects) when it can't be connected. */
  static async open(connect: Connect, path: string, signal: AbortSignal): Promise<InspectorClient> {
    const socket = new WebSocket(`ws://localhost${path}`, {
      createConnection: connect as never,
      perMessageDeflate: false,
      maxPayload: MOST_BYTES,
    });
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort);
    try {
      const client = new InspectorClient(socket);
      await once(socket, 'open', { signal });
      // A process that exits would wait for its debugger to leave.
      client.#send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
      return client;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * The value of the expression, once its promise is fulfilled.
   *
   * @throws (rejects) Error when it throws, or when the connection ends before.
   */
  async evaluate(expression: string): Promise<unknown> {
    const answered = new Promise<InspectorMessage>((resolve) => {
      const params = { expression, awaitPromise: true, returnByValue: true };
      this.#waiting.set(this.#send('Runtime.evaluate', params), resolve);
    });
    const ended = this.closed.then(() =>
      Promise.reject(new Error('the connection to the inspector has ended')),
    );
    ended.catch(() => undefined);
    const { result, error } = await Promise.race([answered, ended]);
    const thrown = result?.exceptionDetails;
    if (thrown !== undefined) throw new Error(thrown.exception?.description ?? thrown.text);
    if (error !== undefined) throw new Error(error.message);
    return result?.result?.value;
  }

  /** Sends it, and waits for no answer. */
  post(expression: string): void {
    this.#send('Runtime.evaluate', { expression });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.#socket.terminate();
  }

  #send(method: string, params: object): number {
    this.#asked++;
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ id: this.#asked, method, params }));
    }
    return this.#asked;
  }

  #take(text: string): void {
    let answer: InspectorMessage;
    try {
      answer = JSON.parse(text) as InspectorMessage;
    } catch {
      // It is no inspector.
      this.close();
      return;
    }
    if (answer.method === 'NodeRuntime.waitingForDisconnect') this.close();
    if (answer.id === undefined) return;
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}
