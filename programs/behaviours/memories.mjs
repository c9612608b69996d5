// SPDX-License-Identifier: MIT
// ArrayBuffers of all kinds: transferred, detached, resized, shared, of WebAssembly.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const told = [];
const buffers = Array.from({ length: 200 }, (_, i) => new ArrayBuffer(1000 * i));
const { port1, port2 } = new MessageChannel();
for (const buffer of buffers) port1.postMessage(buffer, [buffer]);
told.push(buffers.every(({ byteLength }) => byteLength === 0));
let total = 0;
for (let got = receiveMessageOnPort(port2); got; got = receiveMessageOnPort(port2))
  total += structuredClone(got.message, { transfer: [got.message] }).byteLength;
told.push(total);
const resizable = new ArrayBuffer(10, { maxByteLength: 1 << 20 });
for (let size = 10; size < 1 << 20; size *= 3) resizable.resize(size);
told.push(resizable.byteLength);
const shared = new SharedArrayBuffer(1 << 20);
told.push(Atomics.add(new Int32Array(shared), 0, 5), new Int32Array(shared)[0]);
const memory = new WebAssembly.Memory({ initial: 1, maximum: 100 });
for (let i = 0; i < 50; i++) memory.grow(1);
told.push(memory.buffer.byteLength);
const text = Buffer.concat(Array.from({ length: 1000 }, (_, i) => Buffer.from(`chunk ${i} `)));
told.push(text.length, Buffer.from(text.toString('base64'), 'base64').equals(text));
console.log(told);
port1.close();
