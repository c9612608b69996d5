// SPDX-License-Identifier: MIT
// Attaches to a running process that was not prepared for it: the terminal view, a page, a
// comparison, reports. Attaching itself is in attaching.ts.
import { setTimeout as delay } from 'node:timers/promises';
import { PATHS } from '../attached/protocol.js';
import { TracemallocError } from '../errors.js';
import { OPTIONS } from '../options.js';
import { servePage } from './attach-page.js';
import { ATTACHING, note, pidOf, type Service, whileAttached } from './attaching.js';
import { defineCommand, UsageError, type Values } from './command.js';
import { readSnapshot } from './input.js';
import { comparison } from './listing.js';
import { PATIENCE_MS } from './live.js';
import { isTerminal, LIVE_VIEW, showLive } from './live-screen.js';
import { FORMAT, print } from './output.js';
import { linesOf, shownReport } from './report-answer.js';
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
  timeout: {
    value: 'TIME',
    meaning: 'how long the process may take to answer',
    ...OPTIONS.attachTimeout.text,
  },
  ...ATTACHING,
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
    const isWhole = values.for !== undefined;
    const attaching = { pid, values, patience: values.timeout, isWhole };
    return whileAttached(attaching, (service) => mode(service, values));
  },
});

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

async function streamReports(
  { pid, attachment, signal }: Service,
  values: AttachValues,
): Promise<void> {
  const { every, top, key, frames } = values;
  const format = values.format === 'md' ? 'md' : 'json';
  const query = new URLSearchParams({ every: `${every}ms`, top: String(top), key, frames });
  const response = await attachment.get(`${PATHS.reports}?${query}`, signal);
  signal.addEventListener('abort', () => response.destroy());
  const name = `process ${pid}`;
  if (response.statusCode !== 200) {
    throw new TracemallocError('ERR_READ_FAILED', `${name} answers ${response.statusCode}`);
  }
  for await (const line of linesOf(name, response.setEncoding('utf8'))) {
    await print(shownReport(name, line, format));
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
