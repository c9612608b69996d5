// SPDX-License-Identifier: MIT
// From an object back to its line.
import { getObjectTraceback, start } from 'tracemalloc';

start({ sampleInterval: 1 });
function connect(host) {
  return { host, sockets: [] };
}
const connection = connect('localhost');
console.log(getObjectTraceback(connection).format({ limit: 1 }).join('\n'));
