// SPDX-License-Identifier: MIT
// Compares the reported positions of objects with their places in the program.
import { basename } from 'node:path';

/**
 * The phase of code that was hot before tracing started: there compilers have merged neighbouring
 * allocations, all of which except the first are approximate.
 */
export const LATE = 'hot before start';

/** Types without identity, as in snapshots. */
const PRIMITIVES = ['(string)', '(bigint)'];

/** The depth to which a kept object is searched for objects with their own tags. */
const DEPTH = 5;

/** Whether a frame is at one of the lines of a place. */
function isAt(place, frame) {
  return place.at.some(
    ({ file, line }) => basename(frame.filename) === file && frame.lineno === line,
  );
}

/**
 * The frame of a call: one that is at it, else one that may be, else the innermost caller. Between a
 * call and the allocation there may be callbacks and constructors.
 */
function callerOf(frames, call) {
  const callers = frames.slice(0, -1).reverse();
  return (
    callers.find((frame) => !frame.approximate && isAt(call, frame)) ??
    callers.find((frame) => frame.approximate) ??
    callers[0]
  );
}

function verdictOn(place, frame) {
  if (frame?.approximate) return 'approximate';
  if (frame === undefined || !isAt(place, frame)) return 'wrong';
  const isColumn = ({ line, column }) => line === frame.lineno && column === frame.column;
  return place.at.some(isColumn) ? 'right' : 'column';
}

export class Judge {
  #calls; // by tag
  #sites; // by tag
  #places;
  #files;
  #figures = new Map(); // by kind and phase
  #misses = new Map(); // by description

  constructor({ places, files }) {
    const byTag = (list) => new Map(list.map((place) => [place.tag, place]));
    this.#calls = byTag(places.filter(({ isCall }) => isCall));
    this.#sites = byTag(places.filter(({ isCall }) => !isCall));
    this.#places = places;
    this.#files = files;
  }

  /** Calls `found(object, tag, from)` for all tagged objects among an object and what it holds. */
  collect(object, tag, from, found) {
    if (this.#sites.has(tag)) found(object, tag, from);
    else if (typeof object === 'function') found(object, ...object());
    else this.#collectIn(object, DEPTH, found);
  }

  #collectIn(value, depth, found) {
    if (value === null || typeof value !== 'object' || depth === 0) return;
    const [tag, from] = Array.isArray(value) ? value : [value.t, value.from];
    if (this.#sites.has(tag)) found(value, tag, from);
    if (typeof value.taggedC === 'function') found(value.taggedC, ...value.taggedC());
    const parts = Array.isArray(value) ? value : Object.values(value);
    for (const part of parts) this.#collectIn(part, depth - 1, found);
  }

  /** Judges an object that is kept; `traceback` is undefined if no sample stands for it. */
  judge(phase, tag, from, traceback) {
    const place = this.#sites.get(tag);
    const figures = this.#figuresOf(place.kind, phase);
    figures.kept++;
    if (traceback === undefined) return;
    figures.judged++;
    const frames = this.framesOf(traceback);
    this.#count(figures.line, 1, { what: 'line', place, frame: frames.at(-1), phase });
    const call = this.#calls.get(from);
    if (call === undefined) return;
    const frame = callerOf(frames, call);
    this.#count(figures.caller, 1, { what: 'caller', place: call, frame, phase, of: place });
  }

  /** Judges rows: all that a function of primitives allocated must be reported at its places. */
  judgeRows(phase, { place: index, name }, traces) {
    const place = this.#places[index];
    const figures = this.#figuresOf(place.kind, phase);
    for (const { traceback, samples, types } of traces) {
      // V8 allocates its own records of a function at any place in it.
      if (!PRIMITIVES.includes(types[0]?.type)) continue;
      const frame = this.framesOf(traceback).at(-1);
      if (frame?.functionName !== name) continue;
      figures.kept += samples;
      figures.judged += samples;
      this.#count(figures.line, samples, { what: 'line', place, frame, phase });
    }
  }

  /** The frames of the program's own files: builtins and Node allocate for their callers. */
  framesOf(traceback) {
    return traceback.frames.filter(({ filename }) => basename(filename) in this.#files);
  }

  #figuresOf(kind, phase) {
    const key = `${kind}\t${phase}`;
    let figures = this.#figures.get(key);
    if (figures === undefined) {
      const none = () => ({ right: 0, column: 0, approximate: 0, wrong: 0 });
      figures = { kind, phase, kept: 0, judged: 0, line: none(), caller: none() };
      this.#figures.set(key, figures);
    }
    return figures;
  }

  #count(verdicts, samples, { what, place, frame, phase, of = place }) {
    const verdict = verdictOn(place, frame);
    verdicts[verdict] += samples;
    if (verdict === 'right') return;
    const told =
      frame === undefined
        ? 'no frame of the program'
        : `${basename(frame.filename)}:${frame.lineno}:${frame.column}`;
    const right = place.at
      .map(({ file, line, column }) => `${file}:${line}:${column}`)
      .join(' or ');
    const key = JSON.stringify([verdict, what, of.kind, phase, right, told]);
    const miss = this.#misses.get(key);
    if (miss === undefined) {
      this.#misses.set(key, { verdict, what, kind: of.kind, phase, right, told, count: samples });
    } else {
      miss.count += samples;
    }
  }

  result() {
    return {
      figures: [...this.#figures.values()],
      misses: [...this.#misses.values()].sort((a, b) => b.count - a.count),
    };
  }
}
