// SPDX-License-Identifier: MIT
// Runs as a process beside the command. It closes the inspector, however late that opens, if the
// command can't: because the process is blocked, or because the command was killed.
//
//   node close-later.js PID STARTTIME [INODE...]   sockets that the process had before
//
// On stdin: SENT before the signal is sent, OPENED and an inode when it is known which socket is the
// inspector's, DONE when there is nothing to close any more. At the end of stdin it takes over, or ends.
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, readProcess } from '../processes/process-state.js';
import { type ListeningSocket, listeningOf, reachableAt } from '../processes/sockets.js';
import { connectorTo } from './connection.js';
import { inspectorPath } from './inspector-client.js';
import { inspectorOptionsOf } from './node-options.js';
import { closeInspector } from './opening.js';
import { DONE, OPENED, SENT } from './stand-by.js';

const EVERY_MS = 200;
/** For a signal that was never heard: later the application may open its inspector itself. */
const UNHEARD_MS = 10 * 60_000;
/** For a process that is blocked. */
const MOST_MS = 3_600_000;
/**
 * Node may open it once more at its next turn after it was closed: it hears the signal in two ways.
 * Shorter than the next command needs to begin, whose inspector is none of ours.
 */
const REOPENED_MS = 150;
const REOPENED_EVERY_MS = 20;
/** How often a socket elsewhere than the options say is asked whether it is the inspector's. */
const MOST_ASKED = 5;

void standBy(process.argv.slice(2));

async function standBy([pid = '', startTime = '', ...before]: readonly string[]): Promise<void> {
  const said = await text(process.stdin);
  if (!said.includes(SENT) || said.includes(DONE)) return;
  const state = readProcess(Number(pid));
  if (state?.startTime !== startTime) return;
  let [, inode] = new RegExp(`${OPENED} (\\d+)`).exec(said) ?? [];
  const { port } = inspectorOptionsOf(state.pid);
  const asked = new Map<string, number>();
  const mayBeOpened = (socket: ListeningSocket) => {
    if (inode !== undefined) return socket.inode === inode;
    if (before.includes(socket.inode)) return false;
    return socket.port === port || (asked.get(socket.inode) ?? 0) < MOST_ASKED;
  };
  let until = performance.now() + (inode === undefined ? UNHEARD_MS : MOST_MS);
  let every = EVERY_MS;
  const closed = () => {
    inode = undefined;
    every = REOPENED_EVERY_MS;
    until = Math.min(until, performance.now() + REOPENED_MS);
  };
  while (isAlive(state) && performance.now() < until) {
    const sockets = listeningOf(state.pid).filter(mayBeOpened);
    // Closed meanwhile, by what had been sent to it before.
    if (sockets.length === 0 && inode !== undefined) closed();
    for (const opened of sockets) {
      asked.set(opened.inode, (asked.get(opened.inode) ?? 0) + 1);
      const connect = connectorTo(state.pid, reachableAt(opened.address), opened.port);
      const path = await inspectorPath(connect, AbortSignal.timeout(EVERY_MS * 10));
      if (path !== undefined && (await closeInspector(state, { connect, path, opened }))) closed();
    }
    await delay(every);
  }
}
