// Keeps what it has sent, to send it again when asked, which nobody does.
const { createServer } = require('node:http');

const sent = new Map();
let requests = 0;

createServer((request, response) => {
  const answer = { url: request.url, rows: new Array(20_000).fill(0) }; // leaks
  sent.set(++requests, answer);
  response.end('done\n');
}).listen(process.env.PORT ?? 3000, '0.0.0.0');
