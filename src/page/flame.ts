// SPDX-License-Identifier: MIT
// The flame graph, drawn by d3-flame-graph, with keyboard access added.
import flamegraph, { type FlameNode } from 'd3-flame-graph';
import { select } from 'd3-selection';
import { formatSize } from '../text/size.js';
import { type Frames, KIND } from '../traces/charge.js';
import { choice, element } from './dom.js';
import { type BytesShown, type FlameDatum, flameTree } from './flame-tree.js';
import type { PageTrace } from './model.js';
import type { Paths } from './sites.js';

type Graph = ReturnType<typeof flamegraph<FlameDatum>>;
type Shape = 'flame' | 'icicle';

const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;

export class Flame {
  readonly root = element('section', { 'aria-label': 'Flame graph', class: 'flame' });
  readonly #canvas = element('div', {
    class: 'graph',
    tabindex: 0,
    role: 'application',
    'aria-label': 'Flame graph. Arrow keys move, Enter zooms, Escape shows all.',
  });
  readonly #details = element('p', { class: 'details', 'aria-live': 'polite' });
  readonly #hasOld: boolean;
  readonly #paths: Paths;
  #graph: Graph | undefined;
  #traces: readonly PageTrace[] = [];
  /** Not drawn yet. */
  #newer: readonly PageTrace[] | undefined;
  #frames: Frames = 'own';
  #bytes: BytesShown = 'live';
  #shape: Shape = 'icicle';
  #term = '';
  #at: FlameNode<FlameDatum> | undefined;
  #isDue: number | undefined;

  constructor(traces: readonly PageTrace[], hasOld: boolean, paths: Paths) {
    this.#hasOld = hasOld;
    this.#paths = paths;
    const hasAllocated = traces.some(({ allocatedSize = 0 }) => allocatedSize > 0);
    this.root.append(
      element('h2', {}, 'Stacks'),
      element(
        'div',
        { class: 'controls' },
        hasAllocated ? this.#bytesChoice() : undefined,
        this.#shapeChoice(),
        this.#resetButton(),
      ),
      this.#canvas,
      this.#details,
    );
    this.#canvas.addEventListener('keydown', (event) => this.#onKey(event));
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (Math.abs(width - entry!.contentRect.width) < 1) return;
      width = entry!.contentRect.width;
      this.#draw();
    }).observe(this.#canvas);
  }

  /** As {@link show}, but not while the user looks at a part of it. */
  refresh(traces: readonly PageTrace[], frames: Frames, term: string): void {
    if (this.#at === undefined && !this.#canvas.matches(':hover')) this.show(traces, frames, term);
    else this.#newer = traces;
  }

  show(traces: readonly PageTrace[], frames: Frames, term: string): void {
    const isSame = this.#traces === traces && this.#frames === frames;
    this.#traces = traces;
    this.#newer = undefined;
    this.#frames = frames;
    this.#term = term;
    if (isSame && this.#graph !== undefined) this.#search();
    else this.#draw();
  }

  // A task of its own: the table is drawn before it, and keys that follow each other quickly draw
  // once.
  #draw(): void {
    this.#isDue ??= setTimeout(() => {
      this.#isDue = undefined;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    const tree = flameTree(this.#traces, { bytes: this.#bytes, frames: this.#frames });
    this.#at = undefined;
    this.#canvas.replaceChildren();
    this.#describe(undefined);
    if (tree.value === 0) {
      this.#graph = undefined;
      this.#canvas.append(element('p', {}, 'Nothing to draw.'));
      return;
    }
    this.#graph = flamegraph<FlameDatum>()
      .width(Math.max(200, this.#canvas.clientWidth))
      .cellHeight(20)
      .minFrameSize(1)
      .transitionDuration(isCalm ? 0 : 250)
      .inverted(this.#shape === 'icicle')
      .sort((a, b) => b.value - a.value)
      .title('')
      .label((node) => this.#text(node))
      .setColorMapper((node) => this.#color(node))
      .setSearchMatch(({ data }, term) => searchText(data).includes(term))
      .setSearchHandler(() => {})
      .setDetailsHandler((text) => this.#describe(text))
      .onClick((node) => this.#moveTo(node));
    this.#graph(select(this.#canvas).datum(tree));
    // For screen readers: the canvas has a name, and the details below it name its frames.
    this.#canvas.querySelector('svg')?.setAttribute('aria-hidden', 'true');
    this.#search();
  }

  #search(): void {
    if (this.#term === '') this.#graph?.clear();
    else this.#graph?.search(this.#term);
  }

  #text({ data }: FlameNode<FlameDatum>): string {
    const { frame, value, delta, name } = data;
    const where = frame && `${this.#paths.shorten(frame.filename)}:${frame.lineno}`;
    const change = this.#showsChange ? ` (${formatSize(delta, { signed: true })})` : '';
    const what = frame?.functionName || (where === undefined ? name : '');
    return `${[what, where].filter(Boolean).join(' ')}: ${formatSize(value)}${change}`;
  }

  get #showsChange(): boolean {
    return this.#hasOld && this.#bytes === 'live';
  }

  // With a change: red grew, blue shrank, stronger for more. Otherwise the hue shows whose file it
  // is.
  #color(node: FlameNode<FlameDatum>): string {
    if (node.highlight) return 'hsl(310 75% 72%)';
    const { frame, delta, value } = node.data;
    if (this.#showsChange) {
      const share = Math.min(1, Math.abs(delta) / Math.max(value, value - delta, 1));
      return `hsl(${delta >= 0 ? 8 : 215} ${Math.round(85 * share)}% ${Math.round(86 - 18 * share)}%)`;
    }
    if (frame === undefined || frame.kind === KIND.internal) return 'hsl(220 10% 78%)';
    const hue = hashOf(frame.filename) % 50;
    return frame.kind === KIND.dependency
      ? `hsl(${170 + hue} 38% 72%)`
      : `hsl(${12 + hue} 80% 70%)`;
  }

  #describe(text: string | null | undefined): void {
    const at = this.#at && this.#text(this.#at);
    const hint = this.#showsChange
      ? 'Width is live bytes; red grew, blue shrank. Click to zoom.'
      : 'Width is bytes. Click to zoom.';
    this.#details.textContent = text ?? at ?? hint;
  }

  #onKey(event: KeyboardEvent): void {
    const root = this.#rootNode();
    if (root === undefined) return;
    const at = this.#at ?? root;
    const siblings = at.parent?.children ?? [];
    const outward = this.#shape === 'icicle' ? 'ArrowUp' : 'ArrowDown';
    const inward = this.#shape === 'icicle' ? 'ArrowDown' : 'ArrowUp';
    const moves: Readonly<Record<string, () => FlameNode<FlameDatum> | null | undefined>> = {
      [outward]: () => at.parent,
      [inward]: () => at.children?.[0],
      ArrowLeft: () => siblings[siblings.indexOf(at) - 1],
      ArrowRight: () => siblings[siblings.indexOf(at) + 1],
    };
    const move = moves[event.key];
    if (move !== undefined) this.#moveTo(move() ?? at);
    else if (event.key === 'Enter') this.#graph?.zoomTo(at);
    else if (event.key === 'Escape') this.#reset();
    else return;
    event.preventDefault();
  }

  #rootNode(): FlameNode<FlameDatum> | undefined {
    const groups = this.#canvas.querySelectorAll<SVGGElement>('g.frame');
    const nodes = [...groups].map((group) => nodeOf(group));
    return nodes.find(({ parent }) => parent === null);
  }

  #moveTo(node: FlameNode<FlameDatum>): void {
    this.#at = node;
    for (const group of this.#canvas.querySelectorAll<SVGGElement>('g.frame')) {
      group.classList.toggle('current', nodeOf(group) === node);
    }
    this.#describe(undefined);
  }

  #reset(): void {
    this.#at = undefined;
    if (this.#newer === undefined) this.#graph?.resetZoom();
    else this.show(this.#newer, this.#frames, this.#term);
    this.#describe(undefined);
  }

  #bytesChoice(): HTMLElement {
    return choice<BytesShown>(
      'Bytes',
      [
        ['live', 'live', 'not collected yet'],
        ['allocated', 'allocated', 'since tracing began, collected or not'],
        ['churn', 'churn', 'allocated since tracing began and collected again: temporary garbage'],
      ],
      this.#bytes,
      (bytes) => {
        this.#bytes = bytes;
        this.#draw();
      },
    );
  }

  #shapeChoice(): HTMLElement {
    return choice<Shape>(
      'Shape',
      [
        ['icicle', 'icicle', 'callers above'],
        ['flame', 'flame', 'callers below'],
      ],
      this.#shape,
      (shape) => {
        this.#shape = shape;
        this.#draw();
      },
    );
  }

  #resetButton(): HTMLElement {
    const button = element('button', { type: 'button', class: 'action' }, 'Show all');
    button.addEventListener('click', () => this.#reset());
    return button;
  }
}

// d3 keeps the datum of an element in this property.
function nodeOf(group: SVGGElement): FlameNode<FlameDatum> {
  return (group as unknown as { __data__: FlameNode<FlameDatum> }).__data__;
}

function searchText({ name, frame }: FlameDatum): string {
  if (frame === undefined) return name;
  return `${frame.filename}:${frame.lineno} ${frame.functionName} ${frame.source}`.toLowerCase();
}

function hashOf(text: string): number {
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return hash;
}
