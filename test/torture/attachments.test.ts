// SPDX-License-Identifier: MIT
// Some attachments in a row, at random moments; `npm run torture -- attach` makes a hundred.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runNode } from '../support/child.js';

const PROGRAM = fileURLToPath(new URL('../../torture/attach/program.mjs', import.meta.url));

test('a service under load is as it was after eight attachments', async () => {
  const outcome = await runNode([PROGRAM, '--seed', '1', '--cycles', '8']);
  expect({ ...outcome, stdout: '' }).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
});
