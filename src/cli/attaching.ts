// SPDX-License-Identifier: MIT
// Attaches for the time of a command's work, and detaches whatever happens. What happens in the
// process is in ../attach and ../attached.
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { attachedSocket } from '../attach/attached-socket.js';
import { Attachment } from '../attach/attachment.js';
import { inject } from '../attach/injection.js';
import { AttachRefusal, whenReady } from '../attach/refusal.js';
import { ownRoot, type Target, targetOf } from '../attach/target.js';
import type { Attached } from '../attached/protocol.js';
import { OPTIONS } from '../options.js';
import { VARIABLES } from '../service/environment.js';
import { plain } from '../text/plain-text.js';
import { UsageError, type Values } from './command.js';
import { isTerminal } from './live-screen.js';

/** How a process is attached to: the options of each command that does. */
export const ATTACHING = {
  sampleInterval: {
    value: 'SIZE',
    meaning: VARIABLES.sampleInterval.meaning,
    ...OPTIONS.sampleInterval.text,
  },
  tracebackLimit: {
    value: 'N',
    meaning: 'frames kept of each stack',
    ...OPTIONS.tracebackLimit.text,
  },
  routes: { meaning: 'label what HTTP requests allocate with their route (--key label)' },
  package: {
    value: 'DIRECTORY',
    meaning: 'where the process sees this package, if its file system is another one',
  },
  yes: {
    meaning:
      "send SIGUSR1 also where it can't be known whether the application listens for it, or where its inspector opens",
  },
} as const;

export interface Service {
  readonly pid: number;
  readonly attachment: Attachment;
  /** The application traced already; else tracing has just begun. */
  readonly wasTracing: boolean;
  /** Aborted when the user quits, or the process has ended. */
  readonly signal: AbortSignal;
}

interface Attaching {
  readonly pid: number;
  readonly values: Values<typeof ATTACHING>;
  /** How long the process may take to answer, ms. */
  readonly patience: number;
  /** Whether an end before its time is a failure. */
  readonly isWhole: boolean;
}

/** @throws UsageError */
export function pidOf(operand: string): number {
  const pid = /^\d{1,9}$/.test(operand) ? Number(operand) : 0;
  if (pid === 0) throw new UsageError(`${operand} is not a process id; tracemalloc ps lists them`);
  return pid;
}

/**
 * Does `work` while the process is traced; it is detached from afterwards. Resolves to the exit code.
 *
 * @throws (rejects) AttachRefusal; what `work` throws.
 */
export async function whileAttached(
  { pid, values, patience, isWhole }: Attaching,
  work: (service: Service) => Promise<void>,
): Promise<number> {
  const packageRoot = resolve(values.package ?? ownRoot());
  // A process that has just begun does not listen for the signal yet.
  const target = await whenReady(() => targetOf(pid, packageRoot));
  if (attachedSocket(pid) !== undefined) {
    throw new AttachRefusal(
      `process ${pid} already has an attachment; tracemalloc detach ${pid} ends it`,
    );
  }
  await confirm(target, values.yes);
  if (!target.isOpen)
    note(`process ${pid} opens its inspector now; its stderr shows "Debugger listening"`);
  return untilSignalled(async (quit) => {
    const attached = await inject(target, {
      packageRoot,
      options: {
        sampleInterval: values.sampleInterval,
        tracebackLimit: values.tracebackLimit,
        routes: values.routes,
      },
      patience,
      quit: quit.signal,
    });
    return whileLeased({ target, attached, quit, isWhole }, work);
  });
}

async function confirm({ doubts }: Target, yes: boolean): Promise<void> {
  if (doubts.length === 0 || yes) return;
  const question = doubts.join('. ');
  if (!isTerminal()) throw new AttachRefusal(`${question}; --yes sends the signal`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl+C and Ctrl+D close it, and its question then has no answer.
  const closed = once(terminal, 'close').then(() => '');
  const asked = terminal.question(`${plain(question)}. Send the signal? [y/N] `);
  const answer = await Promise.race([asked.catch(() => ''), closed]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new AttachRefusal('nothing was sent');
}

/** With a controller that signals to this command abort, so that they do not end the command before its work. */
async function untilSignalled(work: (quit: AbortController) => Promise<number>): Promise<number> {
  const quit = new AbortController();
  const end = () => quit.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  try {
    return await work(quit);
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

const ENDING_MS = 1000;

interface AttachedTarget {
  readonly target: Target;
  readonly attached: Attached;
  readonly quit: AbortController;
  /** Whether an end before its time is a failure. */
  readonly isWhole: boolean;
}

async function whileLeased(
  { target, attached, quit, isWhole }: AttachedTarget,
  work: (service: Service) => Promise<void>,
): Promise<number> {
  const { pid } = target;
  let code = 0;
  const attachment = new Attachment(target);
  let hasEnded = false;
  const held = attachment.hold(() => {
    hasEnded = true;
    quit.abort();
  });
  try {
    await held;
    tell(pid, attached);
    const { wasTracing } = attached;
    await work({ pid, attachment, wasTracing, signal: quit.signal });
  } catch (error) {
    // A connection may break before the end of its process is known.
    await delay(ENDING_MS, undefined, { signal: quit.signal }).catch(() => undefined);
    if (!quit.signal.aborted) throw error;
    if (isWhole) code = 1;
  } finally {
    await attachment.detach();
  }
  note(hasEnded ? `process ${pid} has ended, or was detached` : `detached from process ${pid}`);
  return code;
}

function tell(pid: number, { precision, reason, wasTracing, workers }: Attached): void {
  const threads = workers === 0 ? '' : `, ${workers} of its workers, too`;
  const own = wasTracing ? '; it traced already, and goes on afterwards' : '';
  note(`attached to process ${pid}, ${precision} precision${threads}${own}`);
  if (reason !== '') note(reason);
}

export function note(text: string): void {
  process.stderr.write(`tracemalloc: ${plain(text)}\n`);
}
