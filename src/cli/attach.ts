// SPDX-License-Identifier: MIT
// Attaches to a running process that was not prepared for it. What happens in the process is in
// ../attach and ../attached.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { attachedSocket } from '../attach/attached-socket.js';
import { Attachment } from '../attach/attachment.js';
import { inject } from '../attach/injection.js';
import { AttachRefusal, whenReady } from '../attach/refusal.js';
import { ownRoot, type Target, targetOf } from '../attach/target.js';
import { type Attached, PATHS } from '../attached/protocol.js';
import { OPTIONS } from '../options.js';
import { VARIABLES } from '../service/environment.js';
import { plain } from '../text/plain-text.js';
import { servePage } from './attach-page.js';
import { defineCommand, UsageError, type Values } from './command.js';
import { readSnapshot } from './input.js';
import { comparison } from './listing.js';
import { PATIENCE_MS } from './live.js';
import { isTerminal, LIVE_VIEW, showLive } from './live-screen.js';
import { FORMAT, print } from './output.js';
import { VIEW } from './view.js';

const OPTIONS_OF_ATTACH = {
  page: { meaning: 'serve the live page on a port of this machine, and print its address' },
  for: {
    value: 'TIME',
    meaning: 'take two snapshots that far apart, and print what changed between them',
    expects: OPTIONS.every.text.expects,
    parse: OPTIONS.every.text.parse,
  },
  output: { value: 'FILE', short: 'o', meaning: 'with --for: write the second snapshot to FILE' },
  report: { meaning: 'print reports, one line of JSON each, at the interval --every' },
  ...LIVE_VIEW,
  every: { ...LIVE_VIEW.every, meaning: 'time between readings, or reports' },
  top: VIEW.top,
  format: {
    ...FORMAT.format,
    meaning: 'with --for or --report: md for Markdown; else lines of text, or of JSON',
  },
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
  timeout: {
    value: 'TIME',
    meaning: 'how long the process may take to answer',
    default: '10s',
    expects: OPTIONS.every.text.expects,
    parse: OPTIONS.every.text.parse,
  },
  package: {
    value: 'DIRECTORY',
    meaning: 'where the process sees this package, if its file system is another one',
  },
  yes: {
    meaning:
      "send SIGUSR1 also where it can't be known whether the application listens for it, or where its inspector opens",
  },
} as const;

type AttachValues = Values<typeof OPTIONS_OF_ATTACH>;

export const attach = defineCommand({
  name: 'attach',
  summary:
    'Traces a running process that was not prepared for it, until you quit; then it is as before.\nShows what grows in the terminal; or a page (--page), a comparison (--for), reports (--report).\nThe process opens its inspector for some milliseconds, so its stderr has lines such as "Debugger\nlistening on ws://127.0.0.1:9229/...". Linux only; `tracemalloc ps` lists the processes.',
  operands: 'PID',
  arity: [1, 1],
  options: OPTIONS_OF_ATTACH,
  examples: [
    'tracemalloc attach 4711',
    'tracemalloc attach 4711 --page',
    'tracemalloc attach 4711 --for 60s -o heap.pb.gz',
    'tracemalloc attach 4711 --report --every 10s',
    'docker exec -it CONTAINER npx tracemalloc attach 1',
  ],
  async run(values, [operand = '']) {
    const mode = modeOf(values);
    const pid = pidOf(operand);
    const packageRoot = resolve(values.package ?? ownRoot());
    // A process that has just begun does not listen for the signal yet.
    const target = await whenReady(() => targetOf(pid, packageRoot));
    if (attachedSocket(pid) !== undefined) {
      throw new AttachRefusal(
        `process ${pid} is attached to already; tracemalloc detach ${pid} ends that`,
      );
    }
    await confirm(target, values.yes);
    if (!target.isOpen)
      note(`process ${pid} opens its inspector now; its stderr shows "Debugger listening"`);
    return untilSignalled(async (quit) => {
      const attached = await inject(target, {
        packageRoot: resolve(values.package ?? ownRoot()),
        options: { sampleInterval: values.sampleInterval, tracebackLimit: values.tracebackLimit },
        patience: values.timeout,
        quit: quit.signal,
      });
      const isWhole = values.for !== undefined;
      return whileAttached({ target, attached, quit, isWhole }, (service) => mode(service, values));
    });
  },
});

interface Service {
  readonly pid: number;
  readonly attachment: Attachment;
  /** Aborted when the user quits, or the process has ended. */
  readonly signal: AbortSignal;
}

type Mode = (service: Service, values: AttachValues) => Promise<void>;

function modeOf({ page, for: time, report, output, format }: AttachValues): Mode {
  const modes = [
    page ? showPage : [],
    time === undefined ? [] : compare,
    report ? streamReports : [],
  ].flat();
  if (modes.length > 1) throw new UsageError('--page, --for and --report exclude each other');
  if (output !== undefined && time === undefined) throw new UsageError('--output needs --for');
  if (format === 'md' && time === undefined && !report) {
    throw new UsageError(
      '--format md needs --for or --report: a screen and a page have no Markdown',
    );
  }
  if (modes[0] === undefined && !isTerminal()) {
    throw new UsageError('attach needs a terminal, or --page, --for TIME or --report');
  }
  return modes[0] ?? showTerminal;
}

/** @throws UsageError */
export function pidOf(operand: string): number {
  const pid = /^\d{1,9}$/.test(operand) ? Number(operand) : 0;
  if (pid === 0) throw new UsageError(`${operand} is not a process id; tracemalloc ps lists them`);
  return pid;
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

async function whileAttached(
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
    await work({ pid, attachment, signal: quit.signal });
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

function takeFrom({ attachment, signal }: Service, patience?: number) {
  return readSnapshot('http://localhost', {
    token: undefined,
    socketPath: attachment.socketPath,
    signal,
    ...(patience === undefined ? {} : { patience }),
  });
}

async function showTerminal(service: Service, view: AttachValues): Promise<void> {
  const { pid, signal } = service;
  const take = (quit: AbortSignal) => takeFrom({ ...service, signal: quit }, PATIENCE_MS);
  await showLive({ source: `process ${pid}`, take, view, signal });
}

async function showPage({ attachment, signal }: Service): Promise<void> {
  const { server, address } = await servePage(attachment.socketPath);
  try {
    await print(`${address}\n`);
    note('Ctrl+C ends tracing');
    await untilAborted(signal);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function compare(service: Service, values: AttachValues): Promise<void> {
  const source = `process ${service.pid}`;
  const old = await takeFrom(service);
  await delay(values.for, undefined, { signal: service.signal });
  const now = await takeFrom(service);
  if (values.output !== undefined) await now.dump(values.output);
  await print(
    comparison({ source, snapshot: old }, { source, snapshot: now }, values, values.format),
  );
}

async function streamReports({ attachment, signal }: Service, values: AttachValues): Promise<void> {
  const { every, top, key, frames } = values;
  const format = values.format === 'md' ? 'md' : 'json';
  const query = new URLSearchParams({ every: `${every}ms`, top: String(top), key, frames, format });
  const response = await attachment.get(`${PATHS.reports}?${query}`, signal);
  signal.addEventListener('abort', () => response.destroy());
  for await (const text of response.setEncoding('utf8')) await print(text);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}

function note(text: string): void {
  process.stderr.write(`tracemalloc: ${plain(text)}\n`);
}
