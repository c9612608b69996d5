// SPDX-License-Identifier: MIT
import { Attachment } from '../attach/attachment.js';
import { AttachRefusal } from '../attach/refusal.js';
import { readProcess } from '../processes/process-state.js';
import { pidOf } from './attaching.js';
import { defineCommand } from './command.js';
import { print } from './output.js';

export const detach = defineCommand({
  name: 'detach',
  summary: 'Ends the tracing that attach began in a process, which is then as before.',
  operands: 'PID',
  arity: [1, 1],
  options: {},
  examples: ['tracemalloc detach 4711'],
  async run(_, [operand = '']) {
    const pid = pidOf(operand);
    const state = readProcess(pid);
    if (state === undefined) throw new AttachRefusal(`there is no process ${pid}`);
    await new Attachment(state).detach();
    await print(`detached from process ${pid}\n`);
    return 0;
  },
});
