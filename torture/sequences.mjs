// SPDX-License-Identifier: MIT
// Random sequences of everything that can be asked of tracemalloc and done to a process that it
// traces, each in a process of its own, under V8's stress flags. A seed decides Node's flags and all
// steps; how threads interleave it can't decide.
import { fileURLToPath } from 'node:url';
import { endOf, runNode } from './node-child.mjs';
import { Random } from './random.mjs';
import { modesOf } from './sequences/stress-flags.mjs';

const PROGRAM = fileURLToPath(new URL('./sequences/program.mjs', import.meta.url));
const STEPS = 200;

/**
 * Runs seeds from `seed` on, each under the next of `nodes`, until the time is over.
 *
 * @returns `{ runs, failures }`; each failure is a text that begins with how to see it again.
 */
export async function sequences({ nodes, seed, minutes, log }) {
  const modes = new Map(nodes.map((node) => [node, modesOf(node.executable)]));
  const end = performance.now() + minutes * 60_000;
  const failures = [];
  let runs = 0;
  do {
    const node = nodes[runs % nodes.length];
    const flags = new Random(seed).pick(modes.get(node));
    const args = ['--expose-gc', ...flags, PROGRAM, '--seed', `${seed}`, '--steps', `${STEPS}`];
    const outcome = await runNode(node.executable, args);
    if (outcome.code !== 0) {
      const again = `npm run torture -- sequences --node ${node.version} --seed ${seed}`;
      failures.push(`${again}\n  ${flags.join(' ')}: ${endOf(outcome)}\n${outcome.stderr}`);
      log(failures.at(-1));
    }
    runs++;
    seed++;
  } while (performance.now() < end);
  return { runs, failures };
}
