// SPDX-License-Identifier: MIT
// The HTTP handler behind a real server, fed with damaged requests over sockets. It answers
// requests that it understands, rejects the others with a reason and never with 500, and a valid
// request is answered at once afterwards.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createHandler, start } from '../../dist/index.js';
import { mutateText } from './mutate.mjs';

const HOST = '127.0.0.1';
const PATHS = [
  '/debug/pprof/heap',
  '/debug/pprof/heap?seconds=1',
  '/debug/tracemalloc?format=json&top=5&key=function',
  '/debug/tracemalloc/',
  '/debug/tracemalloc/events',
  '/debug/tracemalloc/snapshot',
  '/debug/tracemalloc/gc',
];
const HEADERS = [
  'Authorization: Bearer secret',
  'Authorization: Basic OnNlY3JldA==',
  'Accept: text/html',
  'Origin: http://127.0.0.1',
  'Sec-Fetch-Site: same-origin',
  'X-Forwarded-For: 1.2.3.4',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Expect: 100-continue',
  'Connection: Upgrade',
  'Upgrade: websocket',
];
const WORDS = [
  '%00',
  '%',
  '//',
  '/..',
  '?',
  '&',
  'seconds=',
  '\r\n',
  ': ',
  '[',
  'HTTP/1.0',
  'HEAD ',
];

function request(random, port) {
  const method = random.pick(['GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'CONNECT']);
  const headers = [`Host: ${HOST}:${port}`];
  for (let i = random.int(4); i > 0; i--) headers.push(random.pick(HEADERS));
  const head = `${method} ${random.pick(PATHS)} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`;
  return random.chance(0.9) ? mutateText(random, head, WORDS) : head;
}

/** The response; a client that waits too long disconnects, as one that requested an hour must. */
async function exchange(port, bytes, { random }) {
  const socket = connect({ port, host: HOST });
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += text;
  });
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  if (random.chance(0.1)) socket.end();
  const closed = once(socket, 'close').catch(() => {});
  const patience = new AbortController();
  const waited = setTimeout(60, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([closed, waited, random.chance(0.1) ? undefined : answered(socket)]);
  patience.abort();
  socket.destroy();
  return answer;
}

function answered(socket) {
  return new Promise((resolve) => socket.once('data', () => setImmediate(resolve)));
}

async function servesAsEver(port) {
  const response = await fetch(`http://${HOST}:${port}/debug/tracemalloc?format=json`, {
    headers: { authorization: 'Bearer secret' },
  });
  assert.equal(response.status, 200);
  assert((await response.json()).version > 0);
}

export async function prepare() {
  start({ sampleInterval: 4096 });
  const servers = [{}, { token: 'secret' }].map((options) => createServer(createHandler(options)));
  await Promise.all(servers.map((server) => once(server.listen(0, HOST), 'listening')));
  const ports = servers.map((server) => server.address().port);
  return async (random) => {
    const port = random.pick(ports);
    const bytes = request(random, port);
    const answer = await exchange(port, bytes, { random });
    for (const [, status] of answer.matchAll(/^HTTP\/1\.1 (\d+)/gm))
      assert(Number(status) < 500 || status === '503', `${status} for ${JSON.stringify(bytes)}`);
    if (random.chance(0.1)) await servesAsEver(port);
  };
}
