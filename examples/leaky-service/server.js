// A small web service with a leak, and a route to find it.
//
//   node server.js [./fetchuserdata.js | ./fetchuserdata-arrays.js | ./fetchuserdata-fixed.js]
//
// prints its address; PORT in the environment chooses one.
//
//   GET /users/ID    the service's work
//   GET /capture     the first time: remembers a snapshot; later: compares with it
//   GET /memory      process.memoryUsage()
//   GET /debug/tracemalloc/    in a browser: the live page
import { createServer } from 'node:http';
import * as tracemalloc from 'tracemalloc';

tracemalloc.start();

const { fetchUserData } = await import(process.argv[2] ?? './fetchuserdata.js');

let first;

function capture() {
  const snapshot = tracemalloc.takeSnapshot();
  if (first === undefined) {
    first = snapshot;
    return 'first snapshot taken; come back later\n';
  }
  const top = snapshot.compareTo(first, 'lineno', { frames: 'own' }).slice(0, 10);
  return `${top.join('\n')}\n`;
}

function serve(request, response) {
  const [, route, id] = request.url.split('/');
  if (route === 'users') response.end(JSON.stringify(fetchUserData(Number(id))));
  else if (route === 'capture') response.end(capture());
  else if (route === 'memory') response.end(JSON.stringify(process.memoryUsage()));
  else response.writeHead(404).end();
}

const handler = tracemalloc.createHandler();
const server = createServer((request, response) =>
  handler(request, response, () => serve(request, response)),
);

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
