// SPDX-License-Identifier: MIT
// The process's memory over time: a line for each kind, a gap between processes. On the live page a
// span of time can be chosen.
import { formatSize } from '../text/size.js';
import type { TimeSpan } from '../traces/allocation-time.js';
import { drawn, element } from './dom.js';
import type { Reading } from './model.js';
import { byteMarks, clock, timeMarks } from './scale.js';

const KINDS = [
  ['rss', 'RSS', 'all memory of the process that is resident'],
  ['heapUsed', 'V8 heap, used', "V8's heap, used"],
  ['external', 'outside the heap', 'Buffers and other memory reported to V8'],
  ['traced', 'traced', 'live memory that is traced, an estimate'],
] as const;

/** A moment that is marked on the graph. */
export interface Mark {
  readonly time: number;
  readonly label: string;
}

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [220, 68, 12, 18, 24] as const;

export class MemoryChart {
  readonly root: HTMLElement;
  readonly #canvas = element('div', {
    class: 'chart',
    tabindex: 0,
    role: 'application',
    'aria-label': 'Memory over time. Left and right arrow keys move through the readings.',
  });
  readonly #legend = element('p', { class: 'legend' });
  readonly #cursor = drawn('line', { class: 'cursor', y1: TOP, y2: HEIGHT - BOTTOM });
  readonly #band = drawn('rect', { class: 'span', y: TOP, height: HEIGHT - TOP - BOTTOM });
  readonly #onSpan: ((span: TimeSpan | undefined) => void) | undefined;
  #histories: readonly (readonly Reading[])[] = [];
  #marks: readonly Mark[] = [];
  #width = 0;
  /** Time of the selected reading; undefined: the last. */
  #at: number | undefined;
  /** Where the span begins that is being chosen; undefined: none is. */
  #from: number | undefined;
  #span: TimeSpan | undefined;

  /** @param onSpan - called when a span is chosen, and when none is any more. */
  constructor(onSpan?: (span: TimeSpan | undefined) => void) {
    this.#onSpan = onSpan;
    this.root = element(
      'section',
      { 'aria-label': 'Memory over time' },
      element('h2', {}, 'Memory over time'),
      this.#legend,
      this.#canvas,
    );
    new ResizeObserver(([entry]) => {
      if (Math.abs(this.#width - entry!.contentRect.width) < 1) return;
      this.#width = entry!.contentRect.width;
      this.#draw();
    }).observe(this.#canvas);
    this.#canvas.addEventListener('pointermove', ({ offsetX }) => this.#lookAt(offsetX));
    this.#canvas.addEventListener('pointerleave', () => this.#leave());
    if (onSpan !== undefined) this.#letChoose();
    this.#canvas.addEventListener('blur', () => this.#leave());
    this.#canvas.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #letChoose(): void {
    this.#canvas.classList.add('choosable');
    this.#canvas.setAttribute(
      'aria-label',
      `${this.#canvas.getAttribute('aria-label')} With Shift they choose a span of time; Escape ends that.`,
    );
    this.#canvas.addEventListener('pointerdown', (event) => {
      this.#lookAt(event.offsetX);
      this.#from = this.#at;
      this.#canvas.setPointerCapture(event.pointerId);
    });
    this.#canvas.addEventListener('pointerup', () => {
      if (this.#from !== undefined && this.#at !== undefined && this.#from !== this.#at)
        this.#choose(this.#from, this.#at);
      this.#from = undefined;
      this.#drawBand();
    });
    this.#canvas.addEventListener('pointercancel', () => {
      this.#from = undefined;
      this.#drawBand();
    });
  }

  /** The span ends; nobody is told. */
  forgetSpan(): void {
    this.#span = undefined;
    this.#from = undefined;
    this.#drawBand();
  }

  #choose(a: number, b: number): void {
    this.#span = { since: Math.min(a, b), until: Math.max(a, b) };
    this.#drawBand();
    this.#onSpan?.(this.#span);
  }

  #drawBand(): void {
    const all = this.#readings;
    const at = this.#at ?? this.#from;
    const [a, b] =
      this.#from === undefined || at === undefined
        ? [this.#span?.since, this.#span?.until]
        : [this.#from, at];
    this.#band.classList.toggle('shown', a !== undefined && all.length > 0);
    if (a === undefined || b === undefined || all.length === 0) return;
    const [from, to] = this.#timeSpan(all);
    const [left, right] = [Math.min(a, b), Math.max(a, b)].map((time) =>
      Math.max(LEFT, this.#x(time, from, to)),
    ) as [number, number];
    this.#band.setAttribute('x', String(round(left)));
    this.#band.setAttribute('width', String(round(Math.max(1, right - left))));
  }

  show(histories: readonly (readonly Reading[])[], marks: readonly Mark[]): void {
    this.#histories = histories.filter((readings) => readings.length > 0);
    this.#marks = marks;
    this.#draw();
  }

  get #readings(): readonly Reading[] {
    return this.#histories.flat();
  }

  #draw(): void {
    const all = this.#readings;
    if (this.#width === 0 || all.length === 0) return;
    const [from, to] = this.#timeSpan(all);
    const bytes = byteMarks(Math.max(...all.flatMap((at) => KINDS.map(([kind]) => at[kind]))));
    const top = bytes.at(-1)!;
    const y = (size: number) => round(TOP + (1 - size / top) * (HEIGHT - TOP - BOTTOM));
    const x = (time: number) => round(this.#x(time, from, to));
    const grid = bytes.flatMap((size) => [
      drawn('line', { class: 'grid', x1: LEFT, x2: this.#width - RIGHT, y1: y(size), y2: y(size) }),
      drawn('text', { x: LEFT - 8, y: y(size) + 4, 'text-anchor': 'end' }, formatSize(size)),
    ]);
    const times = timeMarks(from, to, Math.floor(this.#width / 110)).map(({ time, text }) =>
      drawn('text', { x: x(time), y: HEIGHT - 6, 'text-anchor': 'middle' }, text),
    );
    const marks = this.#marks
      .filter(({ time }) => time >= from && time <= to)
      .flatMap(({ time, label }) => [
        drawn('line', { class: 'mark', x1: x(time), x2: x(time), y1: TOP, y2: HEIGHT - BOTTOM }),
        drawn('text', { x: x(time), y: TOP - 6, 'text-anchor': anchor(time, from, to) }, label),
      ]);
    const lines = this.#histories.flatMap((readings) =>
      KINDS.map(([kind]) => {
        const points = readings.map((reading) => `${x(reading.time)},${y(reading[kind])}`);
        // A line with a single point would be invisible.
        if (points.length === 1) points.push(points[0]!);
        return drawn('polyline', { class: `line ${kind}`, points: points.join(' ') });
      }),
    );
    const size = {
      'aria-hidden': 'true',
      width: '100%',
      height: HEIGHT,
      viewBox: `0 0 ${round(this.#width)} ${HEIGHT}`,
    };
    this.#canvas.replaceChildren(
      drawn('svg', size, this.#band, ...grid, ...times, ...marks, ...lines, this.#cursor),
    );
    this.#drawBand();
    this.#describe();
  }

  #timeSpan(all: readonly Reading[]): [from: number, to: number] {
    const from = all[0]!.time;
    return [from, Math.max(all.at(-1)!.time, from + 1)];
  }

  #x(time: number, from: number, to: number): number {
    return LEFT + ((time - from) / (to - from)) * (this.#width - LEFT - RIGHT);
  }

  /** Shows the figures of the selected reading. */
  #describe(): void {
    const all = this.#readings;
    const reading = all.find(({ time }) => time === this.#at) ?? all.at(-1)!;
    const kinds = KINDS.map(([kind, label, hint]) =>
      element(
        'span',
        { class: `kind ${kind}`, title: hint },
        `${label} `,
        element('strong', {}, formatSize(reading[kind])),
      ),
    );
    this.#legend.replaceChildren(...kinds, element('span', {}, clock(reading.time)));
    const [from, to] = this.#timeSpan(all);
    const x = round(this.#x(reading.time, from, to));
    this.#cursor.setAttribute('x1', String(x));
    this.#cursor.setAttribute('x2', String(x));
    this.#cursor.classList.toggle('shown', this.#at !== undefined);
  }

  #lookAt(x: number): void {
    const all = this.#readings;
    if (all.length === 0) return;
    const [from, to] = this.#timeSpan(all);
    const distance = ({ time }: Reading) => Math.abs(this.#x(time, from, to) - x);
    this.#at = all.reduce((best, each) => (distance(each) < distance(best) ? each : best)).time;
    this.#describe();
    if (this.#from !== undefined) this.#drawBand();
  }

  #leave(): void {
    if (this.#from !== undefined) return; // it has captured the pointer
    this.#at = undefined;
    if (this.#histories.length > 0) this.#describe();
  }

  /** Moves the end of the span that the keyboard is at, or begins one. */
  #extend(before: number, at: number): void {
    const { since, until } = this.#span ?? { since: before, until: before };
    const fixed = before === since ? until : before === until ? since : before;
    if (fixed !== at) this.#choose(fixed, at);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.#span !== undefined) {
      this.forgetSpan();
      this.#onSpan?.(undefined);
    }
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const all = this.#readings;
    if (step === undefined || all.length === 0) return;
    const known = all.findIndex(({ time }) => time === this.#at);
    const at = known === -1 ? all.length - 1 : known;
    this.#at = all[Math.min(all.length - 1, Math.max(0, at + step))]!.time;
    this.#describe();
    if (this.#onSpan !== undefined && event.shiftKey) this.#extend(all[at]!.time, this.#at);
    event.preventDefault();
  }
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

// Texts at the ends stay inside the graph.
function anchor(time: number, from: number, to: number): string {
  const share = (time - from) / (to - from);
  return share < 0.1 ? 'start' : share > 0.9 ? 'end' : 'middle';
}
