// SPDX-License-Identifier: MIT
// One figure from one fresh process: forks the script and returns the only message that it sends.
import { fork } from 'node:child_process';
import { once } from 'node:events';

export async function answerOf(script, args, execArgv = []) {
  const child = fork(new URL(`../children/${script}`, import.meta.url), args, { execArgv });
  const exited = once(child, 'exit');
  const [answer] = await Promise.race([
    once(child, 'message'),
    exited.then(([code, signal]) => {
      throw new Error(`${script} ${args.join(' ')} ended with ${code ?? signal} and no answer`);
    }),
  ]);
  await exited;
  return answer;
}
