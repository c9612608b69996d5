// SPDX-License-Identifier: MIT
// Starts the process of close-later.ts, and talks to it.
import { spawn } from 'node:child_process';
import { ownDirectory } from '../files/package-files.js';
import type { ProcessState } from '../processes/process-state.js';
import { helperEnvironment } from './connection.js';

export const SENT = 'sent';
export const OPENED = 'opened';
export const DONE = 'done';

export interface StandBy {
  /** To be called before the signal is sent. */
  readonly sending: () => void;
  /** The inspector's socket, once it is known. */
  readonly opened: (inode: string) => void;
  /** Everything is closed: it ends. Otherwise it takes over when this process ends. */
  readonly done: () => void;
}

/** @param before - inodes of the sockets on which the process listens. */
export function startStandBy({ pid, startTime }: ProcessState, before: readonly string[]): StandBy {
  const args = [`${ownDirectory}attach/close-later.js`, String(pid), startTime, ...before];
  // In a session of its own, so that Ctrl+C does not reach it.
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: helperEnvironment(),
  });
  child.unref();
  const { stdin } = child;
  (stdin as typeof stdin & { unref(): void }).unref();
  // Without it, the command closes what it can.
  child.on('error', () => undefined);
  stdin.on('error', () => undefined);
  return {
    sending: () => void stdin.write(SENT),
    opened: (inode) => void stdin.write(` ${OPENED} ${inode} `),
    done: () => void stdin.end(DONE),
  };
}
