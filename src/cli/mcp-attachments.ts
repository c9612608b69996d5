// SPDX-License-Identifier: MIT
// The processes that the MCP server has attached to; they are as before when it ends.
import { attachedSocket } from '../attach/attached-socket.js';
import { Attachment } from '../attach/attachment.js';
import { inject } from '../attach/injection.js';
import { AttachRefusal, whenReady } from '../attach/refusal.js';
import { ownRoot, targetOf } from '../attach/target.js';
import { OPTIONS } from '../options.js';
import { ToolError } from './mcp-inputs.js';

export class Attachments {
  readonly #held = new Map<number, Attachment>();
  /** Those that are being made, too: an end waits for them. */
  readonly #underWay = new Set<Promise<unknown>>();
  #hasEnded = false;

  /** @throws (rejects) AttachRefusal, ToolError. */
  attach(pid: number, signal: AbortSignal): Promise<string> {
    if (this.#hasEnded) throw new ToolError('the server ends');
    const made = this.#attach(pid, signal);
    const settled = made.catch(() => undefined);
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    return made;
  }

  async #attach(pid: number, signal: AbortSignal): Promise<string> {
    const packageRoot = ownRoot();
    const target = await whenReady(() => targetOf(pid, packageRoot), signal);
    if (attachedSocket(pid) !== undefined) {
      throw new AttachRefusal(`process ${pid} is already attached to; name it by its pid`);
    }
    // Only a person can decide that.
    if (target.doubts.length > 0) {
      throw new AttachRefusal(
        `${target.doubts.join('. ')}; a person can decide: tracemalloc attach`,
      );
    }
    const attached = await inject(target, {
      packageRoot,
      options: {},
      patience: OPTIONS.attachTimeout.default,
      quit: signal,
    });
    const attachment = new Attachment(target);
    this.#held.set(pid, attachment);
    await attachment.hold(() => {
      if (this.#held.get(pid) === attachment) this.#held.delete(pid);
    });
    const { precision, workers } = attached;
    return `attached to process ${pid}, ${precision} precision, ${workers} of its workers too`;
  }

  /** @throws (rejects) ToolError for a process that another command has attached to. */
  async detach(pid: number): Promise<string> {
    const attachment = this.#held.get(pid);
    if (attachment === undefined) {
      throw new ToolError(`this server has not attached to process ${pid}`);
    }
    this.#held.delete(pid);
    await attachment.detach();
    return `detached from process ${pid}`;
  }

  /** Detaches from all. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await Promise.all(this.#underWay);
    await Promise.allSettled([...this.#held.keys()].map((pid) => this.detach(pid)));
  }
}
