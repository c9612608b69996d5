// SPDX-License-Identifier: MIT
// Makes the traces that users see from the mirror's rows: frames with original positions,
// tracebacks without the tracker's own frames. Unchanged rows give the same objects.
import type { Binding } from '../addon/binding.js';
import { pathOf } from '../files/file-urls.js';
import { ownDirectory } from '../files/package-files.js';
import type { CallSite } from '../host/call-sites.js';
import { runThrough, type Steps } from '../host/steps.js';
import { labelsOf } from '../labels/label-sets.js';
import type { Age } from '../traces/age.js';
import { Frame } from '../traces/frame.js';
import { Trace } from '../traces/trace.js';
import { Traceback } from '../traces/traceback.js';
import { evalOrigin } from './eval-origin.js';
import type { Shown, WireCounters, WireFrame, WireSite } from './rows.js';
import type { Script } from './scripts.js';
import { type KnownScript, originalPosition, type Position } from './source-maps.js';
import type { Mirror } from './wire.js';

/** For stacks that have only names. */
type ScriptNamed = (filename: string) => Script | undefined;

interface MirrorTables extends Pick<Mirror, 'sites' | 'counters'> {
  /** By site. */
  readonly ages?: readonly (Age | undefined)[] | undefined;
}

// Used if no JavaScript was running, since memory without a frame would be in no statistic.
const NO_STACK = new Frame('(native)', 0);

export class TraceMaker {
  readonly #sourceMaps: boolean;
  readonly #scriptName: Binding['scriptName'];
  readonly #scriptNamed: ScriptNamed;
  // The frames shown for those of the mirror: created when first shown, released with the mirror's.
  readonly #frames = new WeakMap<WireFrame, Frame>();

  constructor({
    sourceMaps,
    scriptName,
    scriptNamed,
  }: { readonly sourceMaps: boolean; readonly scriptNamed: ScriptNamed } & Pick<
    Binding,
    'scriptName'
  >) {
    this.#sourceMaps = sourceMaps;
    this.#scriptName = scriptName;
    this.#scriptNamed = scriptNamed;
  }

  traces(tables: MirrorTables): Trace[] {
    return runThrough(this.making(tables));
  }

  /** As {@link traces}, in steps. */
  *making(tables: MirrorTables): Steps<Trace[]> {
    const traces: Trace[] = [];
    for (const [id, row] of tables.counters.entries()) {
      if (row.liveSamples === 0 && !(row.allocatedSize > 0)) continue;
      const site = tables.sites[id] as WireSite;
      const shown = this.#shown(site);
      if (shown.row !== row) {
        shown.row = row;
        shown.trace = shown.traceback && traceOf(site, row, shown.traceback);
        yield;
      }
      if (shown.trace !== undefined) traces.push(withAge(shown.trace, tables.ages?.[id]));
    }
    return traces;
  }

  /** Undefined: the tracker itself allocated at this site. */
  traceback(site: WireSite): Traceback | undefined {
    return this.#shown(site).traceback;
  }

  #shown(site: WireSite): Shown {
    if (site.shown !== undefined) return site.shown;
    const innermostFirst = site.frames.map((wire) => {
      let frame = this.#frames.get(wire);
      if (frame === undefined) {
        frame = this.frame(wire);
        this.#frames.set(wire, frame);
      }
      return frame;
    });
    const kept = authoredFrames(innermostFirst)?.reverse();
    const traceback =
      kept && new Traceback(kept.length > 0 ? kept : [NO_STACK], site.totalFrames || undefined);
    site.shown = { traceback };
    return site.shown;
  }

  /** For stacks that come from V8 itself. */
  readonly place = (site: CallSite): Frame => {
    const filename = this.#scriptName(site.filename);
    const flags = { isApproximate: false, isNative: false, isNearColumn: false };
    const script = { named: this.#scriptNamed(filename), hash: site.scriptHash };
    return this.frame({ ...site, filename, ...flags }, script);
  };

  /** {@link traceback} of such a stack. */
  tracebackOf(innermostFirst: readonly CallSite[]): Traceback | undefined {
    const kept = authoredFrames(innermostFirst.map(this.place));
    return kept && new Traceback(kept.reverse());
  }

  frame(wire: WireFrame, script: KnownScript = wire.script): Frame {
    const { functionName } = wire;
    const filename = this.#filename(wire.filename);
    if (wire.isNative) return new Frame(filename || '(native)', 0, { functionName });
    const generated: Position = { filename, line: wire.line, column: wire.column };
    const at = this.#sourceMaps ? originalPosition(generated, script) : generated;
    const approximate =
      wire.isApproximate ||
      at.isApproximate === true ||
      // A line of generated code may come from many lines of the source.
      (wire.isNearColumn && at !== generated);
    const column = wire.isNearColumn && !approximate ? 0 : at.column;
    // A map may name its sources by any URL.
    const shown = at === generated ? filename : this.#scriptName(at.filename);
    return new Frame(shown, at.line, { column, functionName, approximate });
  }

  #filename(name: string): string {
    if (name.startsWith('file:')) return pathOf(name);
    if (!this.#sourceMaps) return name;
    return evalOrigin(name, (generated) => {
      const script = this.#scriptNamed(generated.filename);
      const at = script && originalPosition(generated, script);
      return at && { ...at, filename: this.#scriptName(at.filename) };
    });
  }
}

// An age is another one at each reading: the trace without it is kept for readings without ages.
function withAge(trace: Trace, age: Age | undefined): Trace {
  return age === undefined ? trace : new Trace({ ...trace, age });
}

function traceOf(site: WireSite, row: WireCounters, traceback: Traceback): Trace {
  // Sums of births less deaths keep a rounding residue when all objects have died.
  const isLive = row.liveSamples > 0;
  return new Trace({
    domain: site.domain,
    labels: labelsOf(site.labels),
    size: isLive ? row.liveSize : 0,
    count: isLive ? row.liveCount : 0,
    allocatedSize: Number.isNaN(row.allocatedSize) ? undefined : row.allocatedSize,
    allocatedCount: Number.isNaN(row.allocatedCount) ? undefined : row.allocatedCount,
    samples: row.liveSamples,
    variance: isLive ? row.liveVariance : 0,
    types: isLive ? row.types : [],
    traceback,
  });
}

/** A stack without the tracker's own frames; undefined: the tracker itself did this work. */
function authoredFrames(innermostFirst: readonly Frame[]): Frame[] | undefined {
  const author = innermostFirst.find((frame) => !frame.isInternal && !isBorrowed(frame));
  // If no other code called them, our dependencies were being loaded for the tracker.
  const isOurs = author === undefined ? innermostFirst.some(isBorrowed) : isOwn(author);
  return isOurs ? undefined : innermostFirst.filter((frame) => !isOwn(frame));
}

// Dependencies whose work counts as the tracker's only if the tracker called them.
const BORROWED = /[\\/]node_modules[\\/](?:acorn|pprof-format|@jridgewell)[\\/]/;

function isBorrowed(frame: Frame): boolean {
  return BORROWED.test(frame.filename);
}

function isOwn(frame: Frame): boolean {
  return ownDirectory !== undefined && frame.filename.startsWith(ownDirectory);
}
