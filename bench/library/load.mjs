// SPDX-License-Identifier: MIT
// A bounded load of requests over loopback on keep-alive connections: GET, or POST with a body.
import { Agent, request } from 'node:http';

/** Sends `count` requests, `connections` at a time; returns their latencies in ms, in no order. */
export async function load({ port, count, connections = 16, path = (n) => `/?id=${n}`, body }) {
  const method = body === undefined ? 'GET' : 'POST';
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies = [];
  let next = 0;
  const one = (n) =>
    new Promise((resolve, reject) => {
      const begun = performance.now();
      request({ host: '127.0.0.1', port, path: path(n), agent, method }, (response) => {
        response.resume();
        response.on('end', () => {
          latencies.push(performance.now() - begun);
          resolve();
        });
      })
        .on('error', reject)
        .end(body);
    });
  const worker = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return latencies;
}
