// A web service around the hard cases.
//
//   node --expose-gc server.js [sample interval]     prints its address
//
//   GET /case/NAME     runs one case
//   GET /statistics    after a full collection: the heap in use, and live bytes by line of cases.js
import { createServer } from 'node:http';
import * as tracemalloc from 'tracemalloc';

tracemalloc.start({ sampleInterval: Number(process.argv[2] ?? 512 * 1024) });

const cases = await import('./cases.js');

function statistics() {
  global.gc();
  global.gc();
  const { heapUsed } = process.memoryUsage(); // before the snapshot, which is garbage afterwards
  const here = new tracemalloc.Filter({ inclusive: true, filenamePattern: '*/cases.js' });
  const lines = tracemalloc.takeSnapshot().filterTraces([here]).statistics('lineno');
  return {
    heapUsed,
    lines: lines.map(({ traceback, size, error }) => ({
      line: traceback.at(-1).lineno,
      size,
      error,
    })),
  };
}

const server = createServer(async (request, response) => {
  const [, route, name] = request.url.split('/');
  if (route === 'case') {
    await cases[name](Math.random());
    response.end();
  } else if (route === 'statistics') response.end(JSON.stringify(statistics()));
  else response.writeHead(404).end();
});

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
