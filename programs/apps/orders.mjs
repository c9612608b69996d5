// SPDX-License-Identifier: MIT
// A web application on a real database: fastify, and PostgreSQL compiled to WebAssembly (PGlite).
import { PGlite } from '@electric-sql/pglite';
import Fastify from 'fastify';

const database = new PGlite();
await database.exec(`
  create table customers (id serial primary key, name text not null unique);
  create table orders (
    id serial primary key,
    customer int not null references customers,
    item text not null,
    cents int not null check (cents > 0),
    details jsonb not null default '{}'
  );
  create index on orders (customer);
`);

const app = Fastify();
app.post('/customers', async ({ body }, reply) => {
  const { rows } = await database.query('insert into customers (name) values ($1) returning *', [
    body.name,
  ]);
  reply.code(201);
  return rows[0];
});
app.post('/customers/:id/orders', async ({ params, body }, reply) => {
  const created = await database.transaction(async (transaction) => {
    const rows = [];
    for (const { item, cents, details } of body) {
      const result = await transaction.query(
        'insert into orders (customer, item, cents, details) values ($1, $2, $3, $4) returning id',
        [params.id, item, cents, details],
      );
      rows.push(result.rows[0].id);
    }
    return rows.length;
  });
  reply.code(201);
  return { created };
});
app.get('/customers/:id', async ({ params }) => {
  const { rows } = await database.query(
    `select name, count(o.id)::int as orders, coalesce(sum(cents), 0)::int as cents
     from customers c left join orders o on o.customer = c.id where c.id = $1 group by name`,
    [params.id],
  );
  return rows;
});
app.get('/top', async () => {
  const { rows } = await database.query(
    `select name, details->>'colour' as colour, sum(cents)::int as cents
     from orders o join customers c on c.id = o.customer group by 1, 2 order by 3 desc, 1, 2 limit 20`,
  );
  return rows;
});
process.on('SIGTERM', async () => {
  await app.close();
  await database.close();
  console.log('closed');
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`listening on ${app.server.address().port}`);
