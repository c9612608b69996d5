// SPDX-License-Identifier: MIT
// Compiled by TypeScript with a source map; its stack trace must be in this file's lines.
interface Order {
  id: number;
  items: string[];
}

const orders: Order[] = [];
for (let id = 0; id < 100_000; id++) orders.push({ id, items: [`item ${id}`] });

function find(id: number): Order {
  const found = orders[id];
  if (found === undefined) throw new Error(`there is no order ${id}`);
  return found;
}

console.log(find(7).items);
console.log(find(1e9));
