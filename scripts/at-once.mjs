// SPDX-License-Identifier: MIT
import { availableParallelism } from 'node:os';

/** Runs `work` on each of `items`, in parallel on as many as there are processors. */
export async function atOnce(items, work) {
  const waiting = [...items];
  const next = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
}
