// SPDX-License-Identifier: MIT
// The socket on which an attached process serves its tracing. The process may be hostile, and this
// command may run as root. So no path that the process states is used: the path comes from the
// kernel, and must have the expected name, have no links in it, and belong to the process's user.
import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { DIRECTORY_PREFIX, SOCKET_NAME } from '../attached/protocol.js';
import { linkOf, type ProcessState, seenBy, sharesNamespace } from '../processes/process-state.js';
import { unixSocketsOf } from '../processes/sockets.js';
import { AttachRefusal } from './refusal.js';

// mkdtemp() adds six of these characters.
const NAME = new RegExp(`/${DIRECTORY_PREFIX}[A-Za-z0-9]{6}/${SOCKET_NAME}$`);

/** The socket of an attachment to the process, as it sees it; undefined: none. */
export function attachedSocket(pid: number): string | undefined {
  return unixSocketsOf(pid).find((path) => NAME.test(path) && path === posix.normalize(path));
}

export class SocketFile {
  /** A path at which this process can open it. */
  readonly path: string;
  readonly #uid: number;
  /** Whether the path means the same file after the process has ended. */
  readonly #outlives: boolean;

  /** @throws AttachRefusal if there is none, or if it may be another file than the process's own. */
  constructor({ pid, uid }: ProcessState) {
    const inside = attachedSocket(pid);
    if (inside === undefined) throw new AttachRefusal(`process ${pid} is not attached to`);
    this.#uid = uid;
    this.#outlives = sharesNamespace(pid, 'mnt') && linkOf(pid, 'root') === '/';
    const at = (path: string) => (this.#outlives ? path : seenBy(pid, path));
    this.path = at(inside);
    const directories = inside
      .split('/')
      .slice(1, -1)
      .map((_, i, names) => at(`/${names.slice(0, i + 1).join('/')}`));
    if (!directories.every((path) => lstatOf(path)?.isDirectory()) || !this.exists) {
      throw new AttachRefusal(
        `process ${pid} listens on ${inside}, which is not a socket of its user in a directory of its user; nothing is read from it`,
      );
    }
  }

  /** To be called when the process has ended: one that was killed could not do it. */
  remove(): void {
    if (!this.#outlives || !this.exists) return;
    try {
      unlinkSync(this.path);
      rmdirSync(posix.dirname(this.path));
    } catch {
      // Someone has removed it meanwhile.
    }
  }

  /** Whether the file is there, and the process's user's own. */
  get exists(): boolean {
    const [directory, socket] = [lstatOf(posix.dirname(this.path)), lstatOf(this.path)];
    const isDirectory = directory?.isDirectory() && directory.uid === this.#uid;
    return isDirectory === true && socket?.isSocket() === true && socket.uid === this.#uid;
  }
}

function lstatOf(path: string) {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
