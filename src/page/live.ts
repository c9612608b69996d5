// SPDX-License-Identifier: MIT
// The live page: the current report of a running service, compared with the time at which the page
// was opened or with a snapshot taken since.
import type { LiveMessage } from '../html/live-data.js';
import type { TimeSpan } from '../traces/allocation-time.js';
import { allocatedIn, ask, connect, service } from './connection.js';
import { element, turn } from './dom.js';
import { Explorer } from './explorer.js';
import { help } from './help.js';
import { Holders } from './holders.js';
import { type Baseline, LiveModel } from './live-model.js';
import { memoryBars } from './memory-bars.js';
import { type Mark, MemoryChart } from './memory-chart.js';
import type { PageTrace } from './model.js';
import { clock } from './scale.js';
import { Paths } from './sites.js';
import { Toolbar } from './toolbar.js';

const model = new LiveModel();
const paths = new Paths();
const chart = new MemoryChart((chosen) => show(chosen));
const everything = element('button', { type: 'button', class: 'action' }, 'Show everything');
const spanNote = element('span', { role: 'status' });
const spanBar = element('p', { class: 'controls toolbar', hidden: true }, spanNote, everything);
const head = element('div', {}, element('h1', {}, 'Waiting for the service'));
const sites = element('div', {});
const bars = element('div', {});
const stacks = element('div', {});
let explorer: Explorer | undefined;
let chosen: Baseline | undefined;
let isPaused = false;
/** What was allocated in it is shown; undefined: everything. */
let span: TimeSpan | undefined;
/** Messages that came, one after the other. */
let received: Promise<void> = Promise.resolve();
let drawings = 0;
/** Actions that wait for a message with figures of `since` or later. */
let waiting: { readonly since: number; readonly resolve: () => void }[] = [];

const toolbar = new Toolbar({
  async takeSnapshot() {
    await arrival(await ask('snapshot'));
    model.keep();
    await draw();
  },
  collectGarbage: async () => arrival(await ask('gc')),
  compareWith(baseline) {
    chosen = baseline;
    void draw();
  },
  pause(value) {
    isPaused = value;
    if (!isPaused) void draw();
  },
});

everything.addEventListener('click', () => {
  chart.forgetSpan();
  show(undefined);
});

function show(chosenSpan: TimeSpan | undefined): void {
  if (chosenSpan !== undefined && model.latest?.hasAges !== true) {
    chart.forgetSpan();
    toolbar.tell('when memory was allocated is known of a single thread only');
    return;
  }
  span = chosenSpan;
  spanBar.hidden = span === undefined;
  spanNote.textContent =
    span === undefined
      ? ''
      : `Only what was allocated from ${clock(span.since)} to ${clock(span.until)} and lives.`;
  void draw();
}

function arrival(since: number): Promise<void> {
  return new Promise((resolve) => {
    waiting.push({ since, resolve });
    settle();
  });
}

function settle(): void {
  const now = model.latest?.now.timestamp ?? 0;
  for (const { since, resolve } of waiting) if (since <= now) resolve();
  waiting = waiting.filter(({ since }) => since > now);
}

// In steps, between which the page can answer.
async function receive(message: LiveMessage): Promise<void> {
  await turn();
  const known = message.isWhole ? 0 : model.frames.length;
  if (model.apply(message)) {
    chosen = model.baselines[0];
    chart.forgetSpan();
    span = undefined;
    spanBar.hidden = true;
  }
  paths.add(model.frames.slice(known));
  toolbar.tell(undefined);
  settle();
  if (!isPaused && !document.hidden) await draw();
}

async function draw(): Promise<void> {
  const drawing = ++drawings;
  const { latest, baselines } = model;
  if (latest === undefined || baselines.length === 0) return;
  await turn();
  if (drawing !== drawings) return; // there is a newer one
  if (chosen === undefined || !baselines.includes(chosen)) chosen = baselines[0]!;
  const { now, memory, canCollect } = latest;
  const title = `${location.host}${now.threadId > 0 ? `, worker ${now.threadId}` : ''}`;
  const old = { ...now, source: `since ${clock(chosen.time)}`, timestamp: chosen.time };
  const compared = { now: { ...now, source: title }, old, span };
  chart.show(model.histories, marks(baselines));
  bars.replaceChildren(...[memoryBars(memory)].filter((made) => made !== undefined));
  toolbar.show(baselines, chosen, canCollect);
  const traces = span === undefined ? model.tracesSince(chosen) : await tracesIn(span);
  await turn();
  if (drawing !== drawings || traces === undefined) return;
  if (explorer === undefined) {
    explorer = new Explorer(compared, traces, paths, new Holders(service, paths));
    head.replaceChildren(explorer.headline);
    sites.append(explorer.sites);
    stacks.append(explorer.stacks);
  } else {
    explorer.refresh(compared, traces);
  }
}

async function tracesIn(wanted: TimeSpan): Promise<PageTrace[] | undefined> {
  try {
    const { traces, frames } = model.read(await allocatedIn(wanted));
    paths.add(frames);
    return traces;
  } catch (error) {
    toolbar.tell(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function marks([beginning, ...snapshots]: readonly Baseline[]): Mark[] {
  return [
    { time: beginning!.time, label: 'beginning' },
    ...snapshots.map(({ time }) => ({ time, label: clock(time) })),
  ];
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !isPaused) void draw();
});
document.body.append(
  element('main', {}, head, toolbar.root, spanBar, sites, chart.root, bars, stacks, help()),
);
connect({
  message(message) {
    received = received.then(() => receive(message));
  },
  lost,
});

function lost(reason: string): void {
  const { latest } = model;
  const since =
    latest === undefined ? '' : `; the figures are those of ${clock(latest.now.timestamp)}`;
  toolbar.tell(`${reason}${since}; trying again`);
}
