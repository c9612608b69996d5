// SPDX-License-Identifier: MIT
// json-server (express, lowdb) as a module, as its manual shows: a REST API over a file.
const jsonServer = require('json-server');

const app = jsonServer.create();
app.use(jsonServer.defaults({ logger: false }));
app.use(jsonServer.router('db.json'));
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});
