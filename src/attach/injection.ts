// SPDX-License-Identifier: MIT
// Attaches: opens the inspector, has one expression evaluated, closes the inspector. Whatever fails,
// what was opened is closed; if that takes longer than this command, by the process that stands by.
import type { Attached, AttachOptions, InjectionAnswer } from '../attached/protocol.js';
import { isAlive } from '../processes/process-state.js';
import { listeningOf } from '../processes/sockets.js';
import { attachedSocket } from './attached-socket.js';
import { Attachment } from './attachment.js';
import { deadlineIn, injection } from './injected-code.js';
import { InspectorClient } from './inspector-client.js';
import { closeFromWithin, closeInspector, type Inspector, openInspector } from './opening.js';
import { AttachRefusal } from './refusal.js';
import { startStandBy } from './stand-by.js';
import type { Target } from './target.js';

/** For loading the package, and for the answer. */
const MARGIN_MS = 1000;
const EARLY_MS = 20;
const WITHDRAWING_MS = 1000;

export interface InjectionOptions {
  /** Where the process sees the package. */
  readonly packageRoot: string;
  readonly options: AttachOptions;
  /** How long the process may take, milliseconds. */
  readonly patience: number;
  /** Aborted when the user gives up. */
  readonly quit: AbortSignal;
}

/** @throws (rejects) AttachRefusal: it is not attached, and everything is as before, or will be. */
export async function inject(
  target: Target,
  { packageRoot, options, patience, quit }: InjectionOptions,
): Promise<Attached> {
  // Not AbortSignal.any(), whose sources Node 20 may collect before they abort.
  const ending = new AbortController();
  const { signal } = ending;
  // Earlier than the command gives up, so that what it says then is true.
  const deadline = deadlineIn(patience - Math.min(MARGIN_MS, patience / 4));
  const timer = setTimeout(() => ending.abort(new DOMException('late', 'TimeoutError')), patience);
  quit.addEventListener('abort', () => ending.abort(quit.reason), { once: true });
  const standBy = startStandBy(
    target,
    listeningOf(target.pid).map(({ inode }) => inode),
  );
  let inspector: Inspector | undefined;
  let client: InspectorClient | undefined;
  try {
    inspector = await openInspector(target, { signal, standBy });
    client = await InspectorClient.open(inspector.connect, inspector.path, signal);
    const expression = injection({
      entry: `${packageRoot}/dist/attached/attach.js`,
      options,
      pid: target.pidInside,
      startTime: target.startTime,
      deadline,
    });
    let answer = await answerTo(client, expression, signal);
    while ('withdrawn' in answer && answer.withdrawn === 'early') {
      await wait(EARLY_MS);
      answer = await answerTo(client, expression, signal);
    }
    const attached = attachedOf(target, answer);
    const { opened } = inspector;
    // If that fails, it is closed as whatever else was opened.
    if (opened !== undefined) await closeFromWithin(target, opened, client).catch(() => undefined);
    return attached;
  } catch (error) {
    if (error instanceof AttachRefusal) throw error;
    throw new AttachRefusal(reasonOf(error, { target, patience, signal }), { cause: error });
  } finally {
    clearTimeout(timer);
    if (
      inspector !== undefined &&
      (await closeInspector(target, inspector, client?.isOpen ? client : undefined))
    )
      // Otherwise it takes over when this command ends; if no signal was sent, it ends, too.
      standBy.done();
    client?.close();
    // What was sent may be under way.
    if (quit.aborted && client !== undefined) await withdraw(target);
  }
}

async function withdraw(target: Target): Promise<void> {
  const until = performance.now() + WITHDRAWING_MS;
  while (attachedSocket(target.pid) === undefined) {
    if (performance.now() > until || !isAlive(target)) return;
    await wait(EARLY_MS);
  }
  // If it does not answer, its lease ends.
  await new Attachment(target).detach().catch(() => undefined);
}

async function answerTo(
  client: InspectorClient,
  expression: string,
  signal: AbortSignal,
): Promise<InjectionAnswer> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  const answer = await Promise.race([client.evaluate(expression), aborted]);
  return JSON.parse(String(answer)) as InjectionAnswer;
}

function attachedOf({ pid }: Target, answer: InjectionAnswer): Attached {
  if ('attached' in answer) {
    if (!isSound(answer.attached))
      throw new AttachRefusal(`process ${pid} says something other than how it is traced`);
    if (answer.attached.socket === attachedSocket(pid)) return answer.attached;
    throw new AttachRefusal(`process ${pid} does not listen on the socket that it names`);
  }
  if ('failure' in answer)
    throw new AttachRefusal(`process ${pid} can't be traced: ${answer.failure}`);
  throw new AttachRefusal(
    answer.withdrawn === 'late'
      ? `process ${pid} was blocked for too long; nothing was done in it`
      : `the inspector that answers is not that of process ${pid}; nothing was done there`,
  );
}

function isSound(given: Partial<Attached> | null): boolean {
  const { precision, reason, wasTracing, workers } = given ?? {};
  return (
    (precision === 'line' || precision === 'function') &&
    typeof reason === 'string' &&
    typeof wasTracing === 'boolean' &&
    Number.isSafeInteger(workers)
  );
}

function reasonOf(
  error: unknown,
  { target, patience, signal }: { target: Target; patience: number; signal: AbortSignal },
): string {
  if (!isAlive(target)) return `process ${target.pid} has ended`;
  if (!signal.aborted) return (error as Error).message;
  const isLate = (signal.reason as Error).name === 'TimeoutError';
  return isLate
    ? blocked(target, patience)
    : `interrupted; if process ${target.pid} begins tracing all the same, it ends that by itself within 15 s`;
}

function blocked({ pid }: Target, patience: number): string {
  return `process ${pid} has not answered in ${Math.round(patience / 1000)} s: its event loop is blocked; if it has begun tracing, it ends that by itself within 15 s, and its inspector is closed, at the latest when it runs again`;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
