// SPDX-License-Identifier: MIT
// The terminal view of a running service, whose snapshots are read at an interval. When the service
// ends, the view waits for it, and starts from zero with the next process.
import { setTimeout as delay } from 'node:timers/promises';
import { OPTIONS } from '../options.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { Values } from './command.js';
import { type LiveState, liveView, sitesOf } from './live-view.js';
import { endQuietlyOnClosedPipe, styler } from './output.js';
import { applyView, VIEW } from './view.js';

const { frames, include, exclude, domain, label, key } = VIEW;

export const LIVE_VIEW = {
  every: {
    value: 'TIME',
    meaning: 'time between readings',
    ...OPTIONS.liveEvery.text,
  },
  key,
  frames,
  include,
  exclude,
  domain,
  label,
} as const;

export interface LiveOptions {
  /** The service's name in the title. */
  readonly source: string;
  /** Reads a snapshot; gives up soon, since the view tries again. */
  readonly take: (signal: AbortSignal) => Promise<Snapshot>;
  readonly view: Values<typeof LIVE_VIEW>;
  /** Ends the view, as the key q does. */
  readonly signal?: AbortSignal;
}

export function isTerminal(): boolean {
  return process.stdout.isTTY === true && process.stdin.isTTY === true;
}

/** Shows the view until the user quits. */
export async function showLive({ source, take, view, signal }: LiveOptions): Promise<void> {
  endQuietlyOnClosedPipe();
  const state: LiveState = {
    source,
    history: [],
    sort: 'change',
    key: view.key,
    frames: view.frames,
    filter: '',
    isTyping: false,
    showsHelp: false,
    marked: 0,
    restarts: 0,
  };
  const quit = new AbortController();
  const end = () => quit.abort();
  signal?.addEventListener('abort', end);
  const draw = () => process.stdout.write(frameOf(state));
  const restore = openScreen((text) => {
    // Pasted, or typed fast: several keys at once.
    const keys = text.startsWith(ESCAPE) ? [text] : [...text];
    if (keys.some((each) => onKey(state, each))) quit.abort();
    else draw();
  }, draw);
  try {
    draw();
    while (!quit.signal.aborted) {
      await read(state, async () => applyView(await take(quit.signal), view));
      draw();
      await delay(view.every, undefined, { signal: quit.signal }).catch(() => undefined);
    }
  } finally {
    signal?.removeEventListener('abort', end);
    restore();
  }
}

const KEPT_READINGS = 500;

async function read(state: LiveState, take: () => Promise<Snapshot>): Promise<void> {
  try {
    const snapshot = await take();
    const isOther = state.latest !== undefined && state.latest.process.pid !== snapshot.process.pid;
    if (isOther) {
      state.restarts++;
      state.history.length = 0;
    }
    if (isOther || state.first === undefined) state.first = snapshot;
    state.latest = snapshot;
    state.problem = undefined;
    const { rss, heapUsed } = snapshot.process.memoryUsage;
    state.history.push({ rss, heapUsed });
    if (state.history.length > KEPT_READINGS) state.history.shift();
  } catch (error) {
    state.problem = error instanceof Error ? error.message : String(error);
  }
}

const KEY_TYPES: readonly KeyType[] = ['lineno', 'function', 'filename', 'type', 'label'];
const [CTRL_C, ENTER, ESCAPE, BACKSPACE] = ['\u0003', '\r', '\u001b', '\u007f'] as const;
// As sequences in the two modes of terminals.
const UP: readonly string[] = ['\u001b[A', '\u001bOA'];
const DOWN: readonly string[] = ['\u001b[B', '\u001bOB'];

/** True: quit. */
function onKey(state: LiveState, text: string): boolean {
  if (text === CTRL_C) return true;
  if (state.isTyping) {
    if (text === ENTER || text === ESCAPE) state.isTyping = false;
    else if (text === BACKSPACE) state.filter = state.filter.slice(0, -1);
    else if (!text.startsWith(ESCAPE)) state.filter += text;
    return false;
  }
  state.showsHelp = text === '?' && !state.showsHelp;
  if (UP.includes(text)) state.marked = Math.max(0, state.marked - 1);
  if (DOWN.includes(text)) state.marked++;
  switch (text) {
    case 'q':
      return true;
    case 's':
      state.sort = state.sort === 'size' ? 'change' : 'size';
      break;
    case ENTER:
      toggleStacks(state);
      break;
    case 'g':
      state.opened = undefined;
      state.key = KEY_TYPES[(KEY_TYPES.indexOf(state.key) + 1) % KEY_TYPES.length]!;
      break;
    case 'r':
      state.first = state.latest;
      break;
    case '/':
      state.opened = undefined;
      state.isTyping = true;
      state.filter = '';
      break;
  }
  return false;
}

function toggleStacks(state: LiveState): void {
  const isOpen = state.opened !== undefined;
  if (isOpen || state.latest === undefined || state.key === 'traceback') {
    state.opened = undefined;
    return;
  }
  const sites = sitesOf(state);
  state.opened = sites[Math.min(state.marked, sites.length - 1)]?.traceback.at(-1);
}

const [HOME, END_OF_LINE, END_OF_SCREEN] = ['\u001b[H', '\u001b[K', '\u001b[J'];

function frameOf(state: LiveState): string {
  const { columns, rows } = process.stdout;
  const lines = liveView(state, { columns, rows, styled: styler() });
  return HOME + lines.map((line) => line + END_OF_LINE).join('\n') + END_OF_SCREEN;
}

/**
 * Switches to another screen, without a cursor, in raw mode. Returns a function that switches back.
 */
function openScreen(onInput: (text: string) => void, onResize: () => void): () => void {
  const { stdin, stdout } = process;
  stdout.write('\u001b[?1049h\u001b[?25l');
  stdin.setRawMode(true).setEncoding('utf8').on('data', onInput);
  stdout.on('resize', onResize);
  const restore = () => {
    stdin.off('data', onInput).setRawMode(false).pause();
    stdout.off('resize', onResize);
    stdout.write('\u001b[?25h\u001b[?1049l');
  };
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      restore();
      process.kill(process.pid, signal);
    });
  }
  return restore;
}
