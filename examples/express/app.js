// A shop that remembers prices by article and time, so it never finds one again.
import express from 'express';
import { createHandler, start } from 'tracemalloc';

start();

const prices = new Map();

function priceOf(article) {
  const key = `${article} ${Date.now()} ${Math.random()}`;
  if (!prices.has(key)) {
    prices.set(key, new Array(2000).fill(article)); // leaks
  }
  return prices.get(key)[0];
}

const app = express();
app.use(createHandler());
app.get('/articles/:id', (request, response) => {
  response.json({ article: request.params.id, price: priceOf(Number(request.params.id)) });
});
app.listen(process.env.PORT ?? 3000, '127.0.0.1');
