// SPDX-License-Identifier: MIT
// A bounded load of GET requests over loopback on keep-alive connections.
import { Agent, get } from 'node:http';

/** Sends `count` requests, `connections` at a time; answers their latencies in ms, in no order. */
export async function load({ port, count, connections = 16, path = (n) => `/?id=${n}` }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies = [];
  let next = 0;
  const one = (n) =>
    new Promise((resolve, reject) => {
      const begun = performance.now();
      get({ host: '127.0.0.1', port, path: path(n), agent }, (response) => {
        response.resume();
        response.on('end', () => {
          latencies.push(performance.now() - begun);
          resolve();
        });
      }).on('error', reject);
    });
  const worker = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return latencies;
}
