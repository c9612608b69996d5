// SPDX-License-Identifier: MIT
// Runs one program, each time with another seed, until the time is over.
import { endOf, runNode } from './node-child.mjs';

/**
 * Runs seeds from `seed` on, each under the next of `nodes`.
 *
 * @param part - its name for `npm run torture`.
 * @param argsFor - takes a seed and a node, returns Node's arguments and the program's.
 * @param options - those of `runNode`.
 * @returns `{ runs, failures }`; each failure is a text that begins with the command to reproduce
 * it.
 */
export async function runSeeds(part, { nodes, seed, minutes, log }, argsFor, options = {}) {
  const end = performance.now() + minutes * 60_000;
  const failures = [];
  let runs = 0;
  do {
    const node = nodes[runs % nodes.length];
    const args = argsFor(seed, node);
    const outcome = await runNode(node.executable, args, options);
    if (outcome.code !== 0) {
      const again = `npm run torture -- ${part} --node ${node.version} --seed ${seed} --minutes 0`;
      const flags = args.filter((argument) => argument.startsWith('--')).join(' ');
      failures.push(`${again}\n  ${flags}: ${endOf(outcome)}\n${outcome.stderr}`);
      log(failures.at(-1));
    }
    runs++;
    seed++;
  } while (performance.now() < end);
  return { runs, failures };
}
