// SPDX-License-Identifier: MIT
// Watches a running service that has createHandler().
import { defineCommand, UsageError } from './command.js';
import { isUrl, profileUrl, readSnapshot, sourceOf, TOKEN } from './input.js';
import { isTerminal, LIVE_VIEW, showLive } from './live-screen.js';
import { FORMAT } from './output.js';

/** Short, so that the user soon sees that there is no response; the next request may succeed. */
export const PATIENCE_MS = 5000;

// Asked for as with the other commands, it gets an answer.
const NO_FORMAT = { format: { ...FORMAT.format, meaning: 'text: a screen has no other format' } };

export const live = defineCommand({
  name: 'live',
  summary:
    'Watches a running service: its top sites, what has grown since the command began, its memory.\nKeys: arrows mark a row, Enter shows its stacks, s sorts by size or change, g groups, / filters, r counts changes from now, ? shows help, q quits.',
  operands: 'URL|PORT',
  arity: [1, 1],
  options: { ...LIVE_VIEW, ...TOKEN, ...NO_FORMAT },
  examples: [
    'tracemalloc live 3000',
    'tracemalloc live http://127.0.0.1:3000 --every 5s --frames app',
  ],
  async run({ token, format, ...view }, [operand = '']) {
    if (format !== 'text') {
      throw new UsageError(
        'live is a screen; `tracemalloc top --format md URL` and `tracemalloc diff` print Markdown',
      );
    }
    const source = sourceOf(operand);
    if (!isUrl(source)) throw new UsageError(`${operand} is neither a URL nor a port`);
    profileUrl(source);
    if (!isTerminal()) {
      throw new UsageError('live needs a terminal; `tracemalloc top URL` prints once');
    }
    const take = (signal: AbortSignal) =>
      readSnapshot(source, { token, patience: PATIENCE_MS, signal });
    await showLive({ source, take, view });
    return 0;
  },
});
