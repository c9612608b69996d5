// SPDX-License-Identifier: MIT
// A terminal view of a running service, read from its createHandler() at an interval. When the
// service ends, the view waits for it, and begins anew with the next process.
import { setTimeout as delay } from 'node:timers/promises';
import { OPTIONS } from '../options.js';
import type { KeyType } from '../snapshot/grouping.js';
import { defineCommand, UsageError } from './command.js';
import { isUrl, profileUrl, readSnapshot, TOKEN } from './input.js';
import { type LiveState, liveView } from './live-view.js';
import { endQuietlyOnClosedPipe, styler } from './output.js';
import { applyView, VIEW } from './view.js';

const { frames, include, exclude, domain, key } = VIEW;

export const live = defineCommand({
  name: 'live',
  summary:
    'Watches a running service: its top sites, what has grown since the command began, its memory.\nKeys: s sorts by size or change, g groups, / filters, r counts changes from now, q quits.',
  operands: 'URL|PORT',
  arity: [1, 1],
  options: {
    every: {
      value: 'TIME',
      meaning: 'time between readings',
      default: '2s',
      expects: OPTIONS.every.text.expects,
      parse: (text: string) => {
        const parsed = OPTIONS.every.text.parse(text);
        return parsed === undefined || parsed < 100 ? undefined : parsed;
      },
    },
    key,
    frames,
    include,
    exclude,
    domain,
    ...TOKEN,
  },
  examples: [
    'tracemalloc live 3000',
    'tracemalloc live http://127.0.0.1:3000 --every 5s --frames own',
  ],
  async run(values, [operand = '']) {
    const source = /^\d+$/.test(operand) ? `http://127.0.0.1:${operand}` : operand;
    if (!isUrl(source)) throw new UsageError(`${operand} is neither a URL nor a port`);
    profileUrl(source);
    if (!process.stdout.isTTY || !process.stdin.isTTY) {
      throw new UsageError('live needs a terminal; `tracemalloc top URL` prints once');
    }
    endQuietlyOnClosedPipe();
    const state: LiveState = {
      source,
      history: [],
      sort: 'change',
      key: values.key,
      filter: '',
      isTyping: false,
      restarts: 0,
    };
    const { token } = values;
    const quit = new AbortController();
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
        await read(state, async () =>
          applyView(
            await readSnapshot(source, { token, patience: PATIENCE_MS, signal: quit.signal }),
            { ...values, top: 0 },
          ),
        );
        draw();
        await delay(values.every, undefined, { signal: quit.signal }).catch(() => undefined);
      }
    } finally {
      restore();
    }
    return 0;
  },
});

const KEPT_READINGS = 500;
// Short, so that the user soon sees that there is no response; the next request may succeed.
const PATIENCE_MS = 5000;

async function read(state: LiveState, take: () => ReturnType<typeof readSnapshot>): Promise<void> {
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

const KEY_TYPES: readonly KeyType[] = ['lineno', 'function', 'filename'];
const [CTRL_C, ENTER, ESCAPE, BACKSPACE] = ['\u0003', '\r', '\u001b', '\u007f'] as const;

/** True: quit. */
function onKey(state: LiveState, text: string): boolean {
  if (text === CTRL_C) return true;
  if (state.isTyping) {
    if (text === ENTER || text === ESCAPE) state.isTyping = false;
    else if (text === BACKSPACE) state.filter = state.filter.slice(0, -1);
    else if (!text.startsWith(ESCAPE)) state.filter += text;
    return false;
  }
  switch (text) {
    case 'q':
      return true;
    case 's':
      state.sort = state.sort === 'size' ? 'change' : 'size';
      break;
    case 'g':
      state.key = KEY_TYPES[(KEY_TYPES.indexOf(state.key) + 1) % KEY_TYPES.length]!;
      break;
    case 'r':
      state.first = state.latest;
      break;
    case '/':
      state.isTyping = true;
      state.filter = '';
      break;
  }
  return false;
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
