// SPDX-License-Identifier: MIT
// The data of a live page: the newest figures, those to compare with, memory over time.
import { LIVE_TRACE, type LiveMessage } from '../html/live-data.js';
import {
  type Figures,
  type Node,
  type PageFrame,
  type PageTrace,
  type Reading,
  readFigures,
  readFrames,
  readHistory,
  rows,
} from './model.js';

/** All rows of a moment. */
export interface Baseline {
  readonly time: number;
  readonly rows: ReadonlyMap<string, Row>;
}

type Row = Figures & { readonly node: Node };

/** The wall clock may be set; start times this close are of the same run. */
const SAME_RUN_MS = 5000;
const [MOST_READINGS, MOST_RUNS, MOST_BASELINES] = [1000, 5, 12] as const;

export class LiveModel {
  /** A history for each run of the process that the page has seen, this one last. */
  readonly histories: Reading[][] = [];
  /** The first is when the page was opened or the process began; then those that were kept. */
  baselines: readonly Baseline[] = [];
  #latest: LiveMessage | undefined;
  #rows = new Map<string, Row>();
  #strings: string[] = [];
  #frames: PageFrame[] = [];
  /** By their numbers in messages. */
  #nodes: Node[] = [];
  readonly #stacks: StackTree;

  constructor(stacks = new StackTree()) {
    this.#stacks = stacks;
  }

  get latest(): LiveMessage | undefined {
    return this.#latest;
  }

  get frames(): readonly PageFrame[] {
    return this.#frames;
  }

  /**
   * True: this is another process, or tracing was restarted, so the page starts again from zero.
   */
  apply(message: LiveMessage): boolean {
    const before = this.#latest;
    const isOther =
      before === undefined ||
      before.now.pid !== message.now.pid ||
      Math.abs(before.begun - message.begun) > SAME_RUN_MS;
    if (message.isWhole) this.#forgetTables();
    this.#latest = message;
    this.#read(message);
    if (isOther) {
      this.baselines = [];
      this.histories.push([]);
      if (this.histories.length > MOST_RUNS) this.histories.shift();
      this.keep();
    }
    this.#remember(readHistory(message.history));
    return isOther;
  }

  /** Keeps the current state, to compare with. */
  keep(): Baseline {
    const kept = { time: this.#latest?.now.timestamp ?? 0, rows: new Map(this.#rows) };
    const [first, ...rest] = this.baselines;
    const latest = rest.slice(-(MOST_BASELINES - 2));
    this.baselines = first === undefined ? [kept] : [first, ...latest, kept];
    return kept;
  }

  /** The current state, compared with a baseline. */
  tracesSince({ rows: old }: Baseline): PageTrace[] {
    const keys = new Set([...this.#rows.keys(), ...old.keys()]);
    return [...keys].map((key) => {
      const before = old.get(key);
      const now = this.#rows.get(key) ?? { ...before!, ...NOTHING };
      return {
        ...now,
        oldSize: before?.size ?? 0,
        oldCount: before?.count ?? 0,
        oldError: before?.error ?? 0,
      };
    });
  }

  /** The rows and frames of a message that does not continue the others. */
  read(message: LiveMessage): { traces: PageTrace[]; frames: readonly PageFrame[] } {
    const other = new LiveModel(this.#stacks);
    other.#read(message);
    return { traces: other.tracesSince({ time: 0, rows: new Map() }), frames: other.frames };
  }

  #forgetTables(): void {
    this.#rows = new Map();
    this.#strings = [];
    this.#frames = [];
    this.#nodes = [];
  }

  #read(message: LiveMessage): void {
    for (const text of message.strings) this.#strings.push(text);
    for (const frame of readFrames(message.frames, this.#strings)) this.#frames.push(frame);
    for (const [parent, frame] of rows(message.nodes, 2)) {
      this.#nodes.push(this.#stacks.node(this.#nodes[parent!], this.#frames[frame!]!));
    }
    for (const [id, ...figures] of rows(message.traces, LIVE_TRACE)) {
      const node = this.#nodes[id!]!;
      const row = { node, ...readFigures(figures, this.#strings) };
      const key = `${node.id} ${JSON.stringify([row.domain, row.labels])} ${row.type}`;
      if (row.size === 0 && row.count === 0 && row.allocatedSize === 0) this.#rows.delete(key);
      else this.#rows.set(key, row);
    }
  }

  #remember(readings: readonly Reading[]): void {
    const known = this.histories.at(-1)!;
    for (const reading of readings) {
      if (reading.time > (known.at(-1)?.time ?? 0)) known.push(reading);
    }
    if (known.length <= MOST_READINGS) return;
    const last = known.length - 1;
    known.splice(0, known.length, ...known.filter((_, i) => i % 2 === 0 || i === last));
  }
}

const NOTHING = { size: 0, count: 0, error: 0, samples: 0, moments: undefined } as const;

/** Gives each stack one node, whichever number a message gives it. */
class StackTree {
  readonly #roots = new Map<string, Node>();
  readonly #children = new WeakMap<Node, Map<string, Node>>();
  #count = 0;

  node(parent: Node | undefined, frame: PageFrame): Node {
    const siblings = parent === undefined ? this.#roots : this.#childrenOf(parent);
    const key = `${frame.place}\0${frame.approximate}`;
    let node = siblings.get(key);
    if (node === undefined) {
      node = { id: this.#count++, parent, frame };
      siblings.set(key, node);
    }
    return node;
  }

  #childrenOf(parent: Node): Map<string, Node> {
    const known = this.#children.get(parent) ?? new Map<string, Node>();
    this.#children.set(parent, known);
    return known;
  }
}
