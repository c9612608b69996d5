// SPDX-License-Identifier: MIT
// Torture: things that no user should do but that happen anyway. Exits with 1 if anything fails;
// each failure says how to reproduce it.
//
//   npm run torture                                  all parts, a minute each
//   npm run torture -- sequences --minutes 60        one part, for longer
//   npm run torture -- sequences --node 24 --seed 7 --minutes 0    one seed under one Node
//
//   --seed S: the first seed (1); --node V: only these (20, 22, 24, 26; repeatable)
import { parseArgs } from 'node:util';
import { ensureNodes } from '../scripts/nodes.mjs';
import { attach } from './attach.mjs';
import { faultInjection } from './faults.mjs';
import { fuzz } from './fuzz.mjs';
import { leaks } from './leaks.mjs';
import { sequences } from './sequences.mjs';
import { threads } from './threads.mjs';

const PARTS = { sequences, threads, fuzz, faults: faultInjection, leaks, attach };

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    node: { type: 'string', multiple: true, default: ['20', '22', '24', '26'] },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) throw new Error(`no part ${unknown}; there are ${Object.keys(PARTS)}`);

const nodes = ensureNodes().filter(({ version }) =>
  flags.node.some((wanted) => `${version}.`.startsWith(`${wanted}.`)),
);
const settings = { nodes, seed: Number(flags.seed), minutes: Number(flags.minutes) };
let failed = 0;
for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const { runs, failures } = await PARTS[name]({ ...settings, log: console.log });
  failed += failures.length;
  console.log(`${name}: ${runs} runs from seed ${flags.seed}, ${failures.length} failed`);
}
process.exitCode = failed > 0 ? 1 : 0;
