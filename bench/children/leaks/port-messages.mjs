// SPDX-License-Identifier: MIT
// Messages of another thread, taken from their port and kept.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

export const calls = 4000;
const { port1, port2 } = new MessageChannel();
port1.unref();
port2.unref();
const job = { kind: 'resize', sizes: new Array(300).fill(1.5), user: { id: 1, name: 'name' } };
let inbox = [];

export function leak() {
  port1.postMessage(job);
  inbox.push(receiveMessageOnPort(port2).message); // leaks
}

export function forget() {
  inbox = [];
}
