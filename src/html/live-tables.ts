// SPDX-License-Identifier: MIT
// The difference between two snapshots, for a live page that has the first one.
import { type Sources, sourceLines } from '../files/source-lines.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { KIND } from '../traces/charge.js';
import { kindOf } from '../traces/frame.js';
import type { TraceFigures } from '../traces/trace.js';
import type { Traceback } from '../traces/traceback.js';
import { figuresOf, keyOf, NO_AGE, noteOf, originOf, partsOf, sumOf } from './collect.js';
import { flatReadings } from './history.js';
import type { LiveMessage } from './live-data.js';
import { memoryOf } from './memory.js';
import { FrameTables } from './tables.js';

export interface LiveTablesOptions {
  /** Whether the text of each line of the application is shown. */
  readonly sources: Sources;
  /** Whether the service can say what was allocated in a span of time. */
  readonly hasAges: boolean;
}

// A process that compiles code as it runs makes new names without end: when there are this many
// more nodes than are needed, the tables are rebuilt.
const MOST_SPARE_NODES = 20_000;

// The lines of a bundle say little, and reading them would delay the service.
const LARGEST_SOURCE = 1024 * 1024;

type Row = readonly number[];

export class LiveTables {
  readonly #sources: Sources;
  readonly #hasAges: boolean;
  #tables: FrameTables;
  #nodes = new WeakMap<Traceback, number>();
  #neededNodes = 0;
  #lines: ReturnType<typeof sourceLines>;
  #rows: ReadonlyMap<string, Row> = new Map();

  constructor({ sources, hasAges }: LiveTablesOptions) {
    this.#sources = sources;
    this.#hasAges = hasAges;
    this.#lines = sourceLines(sources, { largest: LARGEST_SOURCE });
    this.#tables = this.#newTables();
  }

  /**
   * What changed since the previous snapshot; everything at first, and whenever the tables are
   * rebuilt.
   */
  next(snapshot: Snapshot): LiveMessage {
    const { strings, frames, nodes } = this.#tables;
    if (nodes.length / 2 > 2 * this.#neededNodes + MOST_SPARE_NODES) return this.#anew(snapshot);
    const known = [strings.length, frames.length, nodes.length] as const;
    const before = this.#rows;
    this.#rows = this.#rowsOf(snapshot);
    this.#lines = sourceLines(this.#sources, { largest: LARGEST_SOURCE }); // files are not kept
    const changed = [...this.#rows].filter(([key, row]) => !isSame(row, before.get(key)));
    const gone = [...before].filter(([key]) => !this.#rows.has(key));
    return {
      ...this.#headOf(snapshot),
      isWhole: false,
      history: flatReadings(snapshot.process.history?.slice(-1) ?? []),
      strings: strings.slice(known[0]),
      frames: frames.slice(known[1]),
      nodes: nodes.slice(known[2]),
      traces: [
        ...changed.flatMap(([, row]) => row),
        ...gone.flatMap(([, row]) => [...row.slice(0, 4), 0, 0, 0, 0, 0, ...NO_AGE]),
      ],
    };
  }

  /** For a page without data: all that {@link next} has returned so far. */
  whole(snapshot: Snapshot): LiveMessage {
    const { strings, frames, nodes } = this.#tables;
    return {
      ...this.#headOf(snapshot),
      isWhole: true,
      history: flatReadings(snapshot.process.history ?? []),
      strings,
      frames,
      nodes,
      traces: [...this.#rows.values()].flat(),
    };
  }

  #anew(snapshot: Snapshot): LiveMessage {
    this.#tables = this.#newTables();
    this.#nodes = new WeakMap();
    this.#rows = this.#rowsOf(snapshot);
    this.#lines = sourceLines(this.#sources, { largest: LARGEST_SOURCE });
    this.#neededNodes = this.#tables.nodes.length / 2;
    return this.whole(snapshot);
  }

  #newTables(): FrameTables {
    return new FrameTables((frame) => (kindOf(frame) === KIND.own ? this.#lines(frame) : ''));
  }

  #rowsOf(snapshot: Snapshot): Map<string, Row> {
    const sums = new Map<string, { readonly node: number; readonly trace: TraceFigures }>();
    for (const trace of snapshot.traces) {
      const node = this.#node(trace.traceback);
      for (const part of partsOf(trace)) {
        const key = keyOf(node, part);
        const sum = sums.get(key);
        sums.set(key, { node, trace: sum === undefined ? part : sumOf(sum.trace, part) });
      }
    }
    const rows = new Map<string, Row>();
    for (const [key, { node, trace }] of sums) {
      const origin = originOf(trace, this.#tables);
      rows.set(key, [node, ...origin, ...figuresOf(trace, snapshot.timestamp, this.#tables)]);
    }
    return rows;
  }

  #headOf(snapshot: Snapshot) {
    const { timestamp, duration = 0, process } = snapshot;
    return {
      version: 1,
      now: noteOf({ snapshot, source: '' }),
      begun: Math.round(timestamp - duration),
      canCollect: typeof globalThis.gc === 'function',
      hasAges: this.#hasAges,
      memory: memoryOf(process, undefined).memory,
    } as const;
  }

  #node(traceback: Traceback): number {
    const known = this.#nodes.get(traceback);
    if (known !== undefined) return known;
    const made = this.#tables.node(traceback.frames);
    this.#nodes.set(traceback, made);
    return made;
  }
}

function isSame(a: Row, b: Row | undefined): boolean {
  return b !== undefined && a.every((figure, i) => figure === b[i]);
}
