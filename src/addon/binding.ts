// SPDX-License-Identifier: MIT
// The addon as TypeScript sees it.
import type { BytecodeRow } from '../literals/align.js';
import type { LiteralPlace } from '../literals/place.js';

/** How this thread is sampled, since start. */
interface NativeSampling {
  /** Bytes between samples: least and most. */
  finest: number;
  coarsest: number;
  samples: number;
  /** Estimated CPU time of these, and CPU time of the thread, seconds. */
  cost: number;
  cpuTime: number;
}

/** What `status()` of the addon reports; the tracer adds what it knows itself. */
export interface NativeStatus {
  /** `'allocation-hook'`, `'public-sampler'`, or `'buffer-hook'` without the heap. */
  engine: string;
  precision: 'line' | 'function';
  /** Mean bytes between samples now: of the heap, or of buffers if only these are traced. */
  sampleInterval: number;
  /** Why the precision is not better; empty if there is no better one. */
  reason: string;
  /** Other code stopped our sampler: the figures are final. */
  lost: boolean;
  /** Domains traced. */
  heap: boolean;
  buffer: boolean;
  /** Collections of the whole heap, since start. */
  fullCollections: number;
  /** Bytes of objects that the last of these left of the heap; 0: there was none. */
  heapAfterCollection: number;
  liveSamples: number;
  sites: number;
  frames: number;
  sampling: NativeSampling;
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

/** A search of the addon's own, on a thread of its own. */
export type RetainerSearch = object & { readonly retainers: unique symbol };

/** The addon's own list of this process's mappings. */
type Mappings = object & { readonly mappings: unique symbol };

/** Resident bytes of anonymous mappings, by kind. */
export interface ResidentMemory {
  /**
   * Heap pages of all threads and other memory that V8 maps page by page; an estimate above 512
   * pages.
   */
  v8: number;
  /** Malloc's arenas for small blocks, as far as their mappings can be recognized. */
  arena: number;
  /** The same, resident or not. */
  arenaMapped: number;
  /** WebAssembly memories with guard regions. */
  wasm: number;
  /** The same, resident or not. */
  wasmMapped: number;
  /** Code made at run time. */
  code: number;
  /** Thread stacks. */
  stack: number;
  /** Malloc's large blocks, and mappings of native code. */
  other: number;
}

export interface Binding {
  /** NODE_MODULE_VERSION the binary was compiled for. To be compared before any other call. */
  readonly builtFor: number;
  start(options: {
    /** Where `isSelfTuning`: for an engine that can't tune it. */
    sampleInterval: number;
    isSelfTuning: boolean;
    tracebackLimit: number;
    precision: 'auto' | 'line' | 'function';
    threadId: number;
    /** Domains to trace, one at least. */
    heap: boolean;
    buffer: boolean;
    /** V8's flags while any thread traces, and otherwise; see v8-flags.ts. */
    tracingFlags: string;
    usualFlags: string;
    /** Finds the literals of a function in its source: see src/literals/place.ts. */
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
   * One wire batch: the changes since the batch with the sequence `acknowledged` (0: everything).
   */
  takeBatch(acknowledged: number): ArrayBuffer;
  /**
   * The same, with what is not of these ages: see src/mirror/left-out.ts. With `ages` also how old
   * what is of these ages is, as {@link elders}; of Buffers, too, whose number of collections is NaN.
   * What is not known is zero. Throws ERR_UNSUPPORTED_PRECISION, unless it is of all ages.
   */
  takeAgedBatch(asked: {
    readonly acknowledged: number;
    readonly since: number;
    readonly until: number;
    readonly survivors: boolean;
    readonly ages: boolean;
  }): [batch: ArrayBuffer, leftOut: ArrayBuffer, ages: ArrayBuffer];
  /**
   * The notes about scripts since the last call, or about all if the last batch has everything: flat rows, which src/mirror/scripts.ts reads. Their strings are V8's own.
   */
  takeScripts(): unknown[];
  /** The source map URL in the text of such a script; undefined: there is none, or it is gone. */
  sourceMapOf(scriptId: number): string | undefined;
  /**
   * Live objects on the heap that existed when the batch with that sequence was taken: a
   * Float64Array's buffer, by site the numbers of `SiteAges` in native/core/site_ages.h. Undefined:
   * unknown with this engine.
   */
  elders(sequence: number): ArrayBuffer | undefined;
  /**
   * From now on samples have as their labels the number that is the value of this AsyncLocalStorage,
   * read from Node's asynchronous context, where it must be `expected` right now. False: it is not
   * found there, and nothing has changed.
   */
  labelsFromContext(options: { storage: object; expected: number }): boolean;
  /** From now on the number is this word, which has its memory for itself. */
  labelsFromWord(word: Uint32Array): void;
  /** The id of the site that allocated the object; -1: unknown. */
  findSite(object: object): number;
  /**
   * Begins to search for what holds `samples` of these objects and of the live samples of these
   * sites that have survived a collection, for at most `timeout` ms and with `memoryLimit` bytes;
   * `onEnd` is called when that has ended. `weakMap` has the one entry `weakKey`, `weakValue`.
   * Throws ERR_UNSUPPORTED_PLATFORM, ERR_UNSUPPORTED_PRECISION, ERR_OUT_OF_MEMORY.
   */
  searchRetainers(options: {
    sites: number[];
    objects: object[];
    samples: number;
    timeout: number;
    memoryLimit: number;
    /** Whether the event loop waits for the end. */
    keepsAlive: boolean;
    weakMap: WeakMap<object, object>;
    weakKey: object;
    weakValue: object;
    generator: Generator;
    onEnd: () => void;
  }): RetainerSearch;
  /**
   * Some of what it has found, once it has ended, of these sites and objects as they are now; the
   * next call tells more, until `isLast`. Paths as rows of seven values a step
   * (src/retainers/find.ts), and numbers of targets without a path and of those that have changed.
   */
  tellRetainers(options: { search: RetainerSearch; sites: number[]; objects: object[] }): {
    end: 'complete' | 'timeout' | 'memory' | 'cancelled' | 'unreadable';
    paths: (string | number)[][];
    unheld: number;
    changed: number;
    isLast: boolean;
  };
  clear(): void;
  /** Bytes, estimates: current and peak. */
  tracedMemory(): [current: number, peak: number];
  resetPeak(): void;
  /** Bytes of native memory that the tracker holds. */
  trackerMemory(): number;
  status(): NativeStatus;
  /** Replaces the current watch, if any; `stop()` ends it. */
  watchHeapLimit(options: {
    top: number;
    threadId: number;
    format: 'json' | 'text';
    /** Empty: no profile is written. */
    directory: string;
    /** Prefix of the names of our own files, which are left out; empty: none are. */
    own: string;
    /** JSON members without braces: of a report, of a profile's facts and of their `process`. */
    reportFacts: string;
    profileFacts: string;
    processFacts: string;
  }): void;
  unwatchHeapLimit(): void;
  /**
   * Bytes outside the heap that were reported to this thread's V8: `memoryUsage().external` without
   * strings and without native code's own reports. Tracing or not.
   */
  externalMemory(): number;
  /**
   * Bytes of the C library's malloc; undefined if it doesn't report them. This and the following
   * functions are about the process.
   */
  mallocFigures(): MallocFigures | undefined;
  /** Sizes of the heaps of tracing threads (this one too) after their last collection. */
  heapSizes(): { threadId: number; bytes: number }[];
  /** The current mappings, for `residentMemory`; undefined where there is no /proc. */
  mappings(): Mappings | undefined;
  /** Without anything that was mapped or unmapped since. */
  residentMemory(mappings: Mappings): ResidentMemory;
  /**
   * Replaces this process by the program `arguments[0]`, with the environment `NAME=value` and the
   * same standard streams. Returns only if that fails.
   */
  replaceProcess(program: { arguments: string[]; environment: string[] }): void;
  /**
   * Calls `lastWords` once a held signal has come, in a turn of the event loop or in the middle of
   * running code, unless that is our own (scripts whose names begin with `own`; empty: none). Then
   * the signal takes its usual effect. To be called once, in the main thread.
   */
  onHeldSignal(options: { own: string; lastWords: () => void }): void;
  /** Holds SIGTERM, SIGINT or SIGHUP if it would end the process now; else does nothing. */
  holdSignal(name: string): void;
  /** Lets a held signal that has come take effect, and holds no more. */
  releaseSignals(): void;
  /**
   * Calls `answer` whenever another thread has knocked at `threadId`, this thread, in the middle of
   * running code or of `Atomics.wait()`, unless that is our own (as for `onHeldSignal`), until the
   * thread ends. To be called once per thread.
   */
  onKnock(options: { threadId: number; own: string; answer: () => void }): void;
  /** On any thread. No-op if that thread has not called `onKnock`. */
  knock(threadId: number): void;
  /**
   * When a mark below the limit of the process's memory is passed, `answer` is called in this thread
   * when its event loop turns, and all threads are knocked at, for a second, and longer if none
   * begins a report. False: nothing is watched, so far.
   */
  listenToMemoryMarks(answer: () => void): boolean;
  /** Ends that, and the watch if this thread began it. */
  ignoreMemoryMarks(): void;
  /**
   * Watches the process's memory, in place of the current watch: bytes of its resident set, or (a
   * `limit` of 0) of its control groups. False: they have none. ERR_OUT_OF_MEMORY: there can be no
   * other thread.
   */
  watchMemoryLimit(options: {
    limit: number;
    /** Ascending. */
    percents: number[];
    format: 'json' | 'text';
    /** JSON members without braces, of the line that says that no thread answers. */
    facts: string;
  }): boolean;
  /** On any thread: the last mark that was passed, and what was used then. */
  memoryMark(): { number: number; percent: number; used: number; limit: number } | undefined;
  beginMemoryReport(number: number): void;
  endMemoryReport(): void;
  /** A script's name in the form that is kept: without source text or query. */
  scriptName(name: string): string;
}
