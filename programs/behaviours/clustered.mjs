// SPDX-License-Identifier: MIT
// A cluster: each worker answers one request, then leaves.
import cluster from 'node:cluster';
import { createServer, get } from 'node:http';
import { keep } from './keep.mjs';

if (cluster.isPrimary) {
  const codes = [];
  for (let i = 0; i < 2; i++) {
    const worker = cluster.fork();
    const port = await new Promise((resolve) => worker.once('listening', (at) => resolve(at.port)));
    const text = await new Promise((resolve) =>
      get({ port, host: '127.0.0.1', agent: false }, async (response) =>
        resolve((await response.toArray()).join('')),
      ),
    );
    console.log(text);
    worker.once('exit', (code, signal) => codes.push(code ?? signal));
    await new Promise((resolve) => worker.once('exit', resolve));
  }
  console.log(codes);
} else {
  const server = createServer((_request, response) => {
    response.end(`kept ${keep()}`, () => {
      server.close();
      cluster.worker.disconnect();
    });
  }).listen(0, '127.0.0.1');
}
