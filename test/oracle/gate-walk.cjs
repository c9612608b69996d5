// SPDX-License-Identifier: MIT
// node gate-walk.cjs ADDON [wrong]: walks 3,000 stacks, with positions that become wrong or stay right.
const [, , addon, positions] = process.argv;
const probe = require(addon);

if (probe.start() !== '') throw new Error('no walker');
const row = JSON.parse(probe.layout());
if (positions === 'wrong') probe.change('position_encoding', 1 - row.position_encoding);
probe.every(1);
const leaf = (n) => {
  let sum = 0;
  for (let i = 0; i < 50; i++) sum += i;
  probe.probe();
  return sum + n;
};
const inner = (n) => {
  const a = n + 1;

  const b = [a].map((m) => leaf(m));
  return b[0];
};
for (let i = 0; i < 3000; i++) inner(i);
process.stdout.write(probe.results());
