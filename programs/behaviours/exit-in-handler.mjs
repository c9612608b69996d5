// SPDX-License-Identifier: MIT
// Ends in the middle of a request.
import { createServer } from 'node:http';
import { keep } from './keep.mjs';

process.on('exit', (code) => console.log(`exit ${code}, ${keep()}`));
const server = createServer((request, response) => {
  if (request.url === '/end') process.exit(7);
  response.end(String(keep(1000)));
}).listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
