// SPDX-License-Identifier: MIT
// Serves and fetches, with streams, compression and cancelled requests.
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { keep } from './keep.mjs';

const server = createServer(async (request, response) => {
  if (request.url === '/slow') return;
  const body = JSON.stringify({ got: (await request.toArray()).join('').length, sum: keep(1000) });
  response.setHeader('content-encoding', 'gzip');
  response.end(gzipSync(body));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;
for (let i = 0; i < 50; i++) {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, k) =>
      fetch(at(`/${k}`), { method: 'POST', body: 'x'.repeat(1000 * k) }).then((r) => r.json()),
    ),
  );
  if (i % 10 === 0) console.log(JSON.stringify(answers));
}
const ended = await fetch(at('/slow'), { signal: AbortSignal.timeout(100) }).catch((e) => e.name);
console.log(ended);
server.closeAllConnections();
server.close();
