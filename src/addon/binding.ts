// SPDX-License-Identifier: MIT
// The addon as TypeScript sees it.
import type { BytecodeRow } from '../literals/align.js';
import type { LiteralPlace } from '../literals/place.js';

/** What `status()` of the addon reports; the tracer adds what it knows itself. */
export interface NativeStatus {
  /** `'allocation-hook'`, `'public-sampler'`, or `'buffer-hook'` without the heap. */
  engine: string;
  precision: 'line' | 'function';
  /** Why the precision is not better; empty when there is no better one. */
  reason: string;
  /** Someone else stopped our sampler: the figures are final. */
  lost: boolean;
  /** Domains traced. */
  heap: boolean;
  buffer: boolean;
  /** Collections of the whole heap, since start. */
  fullCollections: number;
  liveSamples: number;
  sites: number;
  frames: number;
  /** Counters of every kind of loss. */
  diagnostics: Record<string, number>;
}

export interface MallocFigures {
  /** In arenas, handed out. */
  inUse: number;
  /** In arenas, free. */
  free: number;
  /** Handed out as mappings of their own. */
  mapped: number;
}

/** The addon's own list of this process's mappings. */
type Mappings = object & { readonly mappings: unique symbol };

/** Bytes of anonymous mappings that are in memory, by what they are. */
export interface ResidentMemory {
  /** Heap pages of any thread and what else V8 maps page by page; an estimate above 512 pages. */
  v8: number;
  /** Malloc's arenas for small blocks, as far as their mappings can be recognized. */
  arena: number;
  /** The same, touched or not. */
  arenaMapped: number;
  /** WebAssembly memories with guard regions. */
  wasm: number;
  /** The same, touched or not. */
  wasmMapped: number;
  /** Code made at run time. */
  code: number;
  /** Thread stacks. */
  stack: number;
  /** Malloc's large blocks, and what native code maps. */
  other: number;
}

export interface Binding {
  /** NODE_MODULE_VERSION the binary was compiled for. To be compared before any other call. */
  readonly builtFor: number;
  start(options: {
    sampleInterval: number;
    tracebackLimit: number;
    precision: 'auto' | 'line' | 'function';
    threadId: number;
    /** Domains to trace, one at least. */
    heap: boolean;
    buffer: boolean;
    /** V8's flags while any thread traces, and otherwise; see v8-flags.ts. */
    tracingFlags: string;
    usualFlags: string;
    /** src/literals/place.ts: what finds the literals of a function in its source. */
    placeLiterals(
      source: string,
      begin: number,
      end: number,
      rows: readonly BytecodeRow[],
    ): LiteralPlace[];
  }): void;
  stop(): void;
  isTracing(): boolean;
  /** Places the literals of one function with new frames; false: the next batch needs no more. */
  placeNext(): boolean;
  /**
   * One wire batch: what changed since the batch with the sequence `acknowledged` (0: everything).
   */
  takeBatch(acknowledged: number): ArrayBuffer;
  /**
   * The same, with what no collection has tried yet: see newborns.ts.
   * Throws ERR_UNSUPPORTED_PRECISION.
   */
  takeBatchAndNewborns(acknowledged: number): [batch: ArrayBuffer, newborns: ArrayBuffer];
  /**
   * What has been noted of scripts since the last call, those of the last batch's frames among them:
   * flat rows, which src/mirror/scripts.ts reads. Their strings are V8's own.
   */
  takeScripts(): unknown[];
  /** What the text of such a script says of its source map; undefined: nothing, or it is gone. */
  sourceMapOf(scriptId: number): string | undefined;
  /**
   * Live bytes on the heap, of what was there when the batch with that sequence was taken: a
   * Float64Array's buffer, by site. Undefined: this engine can't tell.
   */
  elderSizes(sequence: number): ArrayBuffer | undefined;
  /** The id of the site that allocated the object; -1: unknown. */
  findSite(object: object): number;
  clear(): void;
  /** Bytes, estimates: current and peak. */
  tracedMemory(): [current: number, peak: number];
  resetPeak(): void;
  /** Bytes of native memory that the tracker holds. */
  trackerMemory(): number;
  status(): NativeStatus;
  /** Replaces a watch that is there; `stop()` ends it. */
  watchHeapLimit(options: {
    top: number;
    threadId: number;
    sampleInterval: number;
    format: 'json' | 'text';
    /** Empty: no profile is written. */
    directory: string;
    /** How the names of our own files begin, which are left out; empty: nothing is. */
    own: string;
    /** JSON members without braces, of a report, of a profile's facts and of their process. */
    reportFacts: string;
    profileFacts: string;
    processFacts: string;
  }): void;
  unwatchHeapLimit(): void;
  /**
   * Bytes outside the heap that this thread's V8 was told of: what `memoryUsage().external` has,
   * but strings, and what native code reports of its own. Tracing or not.
   */
  externalMemory(): number;
  /**
   * Bytes of the C library's malloc; undefined where it can't tell. From here on, of the process.
   */
  mallocFigures(): MallocFigures | undefined;
  /** What the heaps of tracing threads (this one too) occupied at their last collection. */
  heapSizes(): { threadId: number; bytes: number }[];
  /** What is mapped now, for `residentMemory`; undefined where there is no /proc. */
  mappings(): Mappings | undefined;
  /** Nothing of what was unmapped since, or mapped. */
  residentMemory(mappings: Mappings): ResidentMemory;
  /**
   * This process becomes the program `arguments[0]`, with the environment's `NAME=value` and the
   * same standard streams. Returns only if it can't.
   */
  replaceProcess(program: { arguments: string[]; environment: string[] }): void;
  /**
   * Calls `lastWords` once a held signal has come, in a turn of the event loop or in the middle of
   * whatever runs, unless that is our own code (of scripts whose names begin with `own`; empty:
   * none is). Then the signal does what it would have done. Once, in the main thread.
   */
  onHeldSignal(options: { own: string; lastWords: () => void }): void;
  /** Holds SIGTERM, SIGINT or SIGHUP where it would end the process now; else nothing. */
  holdSignal(name: string): void;
  /** What has come and was held acts now; nothing more is held. */
  releaseSignals(): void;
  /** A script's name as it is kept: no source text, no query. */
  scriptName(name: string): string;
}
