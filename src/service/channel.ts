// SPDX-License-Identifier: MIT
// Messages of a BroadcastChannel, which also other code in the process may use.
import type { MessagePort as Port } from 'node:worker_threads';

export type Channel = InstanceType<typeof BroadcastChannel>;

/**
 * Calls `listener` with each message, at a turn of the event loop.
 *
 * For its first message event, a thread loads all of node:http, crypto and undici (Node 22 and
 * later): megabytes, and time, for which hundreds of threads would have to queue. The port behind a
 * channel delivers messages without an event.
 */
export function hear(channel: Channel, listener: (data: unknown) => void): void {
  const port = Object.getOwnPropertySymbols(channel)
    .map((key): unknown => Reflect.get(channel, key))
    .find((value): value is Port => value instanceof MessagePort);
  if (port === undefined) {
    channel.onmessage = ({ data }: { data: unknown }) => listener(data);
    return;
  }
  port.removeAllListeners('message');
  port.on('message', listener);
}

/** Takes the messages that wait in the channel, without a turn of the event loop. */
export function* messagesIn(channel: Channel): Generator<unknown> {
  const { receiveMessageOnPort } = process.getBuiltinModule('node:worker_threads');
  for (;;) {
    // It takes a channel as well, which Node's types don't say.
    const received = receiveMessageOnPort(channel as unknown as Port);
    if (received === undefined) return;
    yield received.message;
  }
}
