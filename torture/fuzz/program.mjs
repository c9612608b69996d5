// SPDX-License-Identifier: MIT
// Feeds one target with inputs of consecutive seeds. Ends with 1 at the first input that is not
// handled as it should be, and prints its seed.
//
//   node torture/fuzz/program.mjs TARGET --seed 1 --count 100
import { parseArgs } from 'node:util';
import { Random } from '../random.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, count: { type: 'string' } },
});
const { prepare } = await import(`./${positionals[0]}.mjs`);
const target = await prepare();
const first = Number(values.seed);

for (let seed = first; seed < first + Number(values.count); seed++) {
  try {
    await target(new Random(seed));
  } catch (error) {
    console.error(`seed ${seed}`);
    console.error(error);
    process.exit(1);
  }
}
// Handles that a target has opened must not keep the process alive.
process.exit(0);
