// SPDX-License-Identifier: MIT
// Opens a process's inspector by SIGUSR1, and closes it. Which socket is the inspector's is seen in
// /proc: it is new, and the process's own.
import { setTimeout as delay } from 'node:timers/promises';
import { PATHS } from '../attached/protocol.js';
import { isLoopback } from '../host/loopback.js';
import { isAlive, type ProcessState, readProcess } from '../processes/process-state.js';
import {
  hasConnections,
  holderOf,
  type ListeningSocket,
  listeningAround,
  listeningOf,
  reachableAt,
} from '../processes/sockets.js';
import { Attachment } from './attachment.js';
import { connectorTo } from './connection.js';
import { CLOSE_INSPECTOR } from './injected-code.js';
import { type Connect, InspectorClient, inspectorPath } from './inspector-client.js';
import { AttachRefusal, whenReady } from './refusal.js';
import type { StandBy } from './stand-by.js';
import { requireUnchanged, type Target } from './target.js';

const POLL_MS = 5;
/** A signal is sent again after this time if another process has had the port meanwhile. */
const AGAIN_MS = 300;
/** It is sent once more after this time if nothing has opened. */
const LOST_MS = 2000;
/** An inspector elsewhere than the options say is looked for after this time. */
const ELSEWHERE_MS = 500;
const CLOSING_MS = 2000;

export interface Inspector {
  readonly connect: Connect;
  readonly path: string;
  /** Undefined: it was open before. */
  readonly opened: ListeningSocket | undefined;
}

/** @throws (rejects) AttachRefusal; if the signal was sent, an inspector may still appear. */
export async function openInspector(
  target: Target,
  { signal, standBy }: { signal: AbortSignal; standBy: StandBy },
): Promise<Inspector> {
  if (target.isOpen) return openAlready(target);
  return openBySignal(target, { signal, standBy });
}

async function openAlready(target: Target): Promise<Inspector> {
  const { pid, inspector } = target;
  for (const socket of listeningOf(pid)) {
    if (inspector.port !== 0 && socket.port !== inspector.port) continue;
    const found = await answering(pid, socket);
    if (found !== undefined) return { ...found, opened: undefined };
  }
  throw new AttachRefusal(
    `process ${pid} itself listens on port ${inspector.port}, where its inspector would open, and no inspector answers there`,
  );
}

async function openBySignal(
  target: Target,
  { signal, standBy }: { signal: AbortSignal; standBy: StandBy },
): Promise<Inspector> {
  const { pid, inspector } = target;
  const before = listeningOf(pid).map(({ inode }) => inode);
  await portIsFree(target, signal);
  let [sent, wasTaken, isRepeated] = [await send(target, standBy, signal), false, false];
  for (;;) {
    const waited = performance.now() - sent;
    // One that other machines can reach is not waited for.
    const isExpected = ({ address, port }: ListeningSocket) =>
      port === inspector.port ||
      waited > ELSEWHERE_MS ||
      inspector.port === 0 ||
      !isLoopback(address);
    for (const socket of listeningOf(pid)) {
      if (before.includes(socket.inode) || !isExpected(socket)) continue;
      const found = await answering(pid, socket);
      if (found === undefined) continue;
      standBy.opened(socket.inode);
      const opened = { ...found, opened: socket };
      if (!isLoopback(socket.address)) await refuseOutside(target, opened, standBy);
      return opened;
    }
    if (!isAlive(target)) throw new AttachRefusal(`process ${pid} has ended`);
    if (signal.aborted)
      throw new AttachRefusal(
        `process ${pid} has not opened its inspector in time: its event loop is blocked; it is closed as soon as it opens`,
      );
    const isTaken = takenBy(target) !== undefined;
    wasTaken ||= isTaken;
    // Another one may have had it between two looks: then the process sleeps, and nothing has opened.
    const isLost = waited > LOST_MS && !isRepeated && readProcess(pid)?.state === 'S';
    if (!isTaken && ((waited > AGAIN_MS && wasTaken) || isLost)) {
      isRepeated ||= isLost;
      [sent, wasTaken] = [await send(target, standBy, signal), false];
    }
    await pause(signal);
  }
}

function send(target: Target, standBy: StandBy, signal: AbortSignal): Promise<number> {
  // While it starts another process, all signals are blocked.
  return whenReady(() => {
    requireUnchanged(target);
    // If it may not be sent, the process that stands by need not know.
    process.kill(target.pid, 0);
    standBy.sending();
    process.kill(target.pid, 'SIGUSR1');
    return performance.now();
  }, signal);
}

async function refuseOutside(
  target: Target,
  inspector: Inspector,
  standBy: StandBy,
): Promise<never> {
  const isClosed = await closeInspector(target, inspector);
  if (isClosed) standBy.done();
  throw new AttachRefusal(
    `process ${target.pid} opened its inspector on ${inspector.opened?.address}, where other machines could reach it; it is ${isClosed ? 'closed again' : 'closed as soon as the process answers'}`,
  );
}

/** Another attachment has the port for some milliseconds only. */
async function portIsFree(target: Target, signal: AbortSignal): Promise<void> {
  for (let taken = takenBy(target); taken !== undefined; taken = takenBy(target)) {
    if (signal.aborted) {
      const holder = holderOf(taken.inode);
      const whose = holder === undefined ? 'another process' : `process ${holder}`;
      throw new AttachRefusal(
        `${whose} listens on port ${taken.port}, where process ${target.pid} would open its inspector; close that, or start the application with another --inspect-port`,
      );
    }
    await pause(signal, 50);
  }
}

function takenBy({ pid, inspector: { port } }: Target): ListeningSocket | undefined {
  if (port === 0) return undefined;
  const own = listeningOf(pid).map(({ inode }) => inode);
  return listeningAround(pid).find((each) => each.port === port && !own.includes(each.inode));
}

async function answering(pid: number, { address, port }: ListeningSocket) {
  const connect = connectorTo(pid, reachableAt(address), port);
  const path = await inspectorPath(connect, AbortSignal.timeout(2000));
  return path === undefined ? undefined : { connect, path };
}

/**
 * Closes it from within the process, through the attachment's socket: Node waits in close() for its
 * inspector's clients to leave, so this one leaves before, and a command that is stopped blocks nothing.
 */
export async function closeFromWithin(
  process: ProcessState,
  opened: ListeningSocket,
  client: InspectorClient,
): Promise<void> {
  client.close();
  const signal = AbortSignal.timeout(CLOSING_MS);
  while (hasConnections(process.pid, opened.port) && !signal.aborted) await pause(signal);
  const closing = await new Attachment(process).get(PATHS.closeInspector, signal);
  closing.resume();
  const isOpen = () => listeningOf(process.pid).some(({ inode }) => inode === opened.inode);
  while (isOpen() && isAlive(process) && !signal.aborted) await pause(signal);
}

/** Resolves to whether the socket is gone, or its process is. */
export async function closeInspector(
  process: ProcessState,
  { connect, path, opened }: Inspector,
  client?: InspectorClient,
): Promise<boolean> {
  if (opened === undefined) return true;
  const signal = AbortSignal.timeout(CLOSING_MS);
  const isOpen = () => listeningOf(process.pid).some(({ inode }) => inode === opened.inode);
  if (!isOpen()) return true;
  try {
    const asking = client ?? (await InspectorClient.open(connect, path, signal));
    asking.post(CLOSE_INSPECTOR);
    while (isOpen() && isAlive(process) && !signal.aborted) await pause(signal);
    asking.close();
  } catch {
    // It has closed meanwhile, or does not answer.
  }
  return !isOpen() || !isAlive(process);
}

async function pause(signal: AbortSignal, ms = POLL_MS): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
