// Keeps the time of every request in a log that nothing reads.
const { createServer } = require('node:http');

const log = [];

function remember(url) {
  log.push({ url, spans: new Array(2000).fill(0) }); // leaks
}

createServer((request, response) => {
  remember(request.url);
  response.end('done\n');
}).listen(process.env.PORT ?? 3000, '127.0.0.1');
