// SPDX-License-Identifier: MIT
// Types for the rows of a ledger and their changes.

/** One kind of memory. */
export interface LedgerRow {
  /**
   * Stable:
   * - `heap`, `heap:3`: JavaScript objects of the main thread, of worker 3;
   * - `v8`: other memory of V8: heaps of threads that do not trace, pages kept for later;
   * - `arrayBuffers`: backing stores of this thread's Buffers and ArrayBuffers;
   * - `external`: what native code reports to V8 as held by this thread's objects: zlib streams,
   *   some addons; no more of it than malloc handed out, and than is resident;
   * - `malloc`: everything else that malloc handed out, to native code or for other threads'
   *   buffers;
   * - `mallocFree`: what was freed and not returned to the system;
   * - `wasm`: WebAssembly memories with guard regions, the default of 32-bit ones;
   * - `code`: machine code made at run time;
   * - `stacks`: stacks of all threads;
   * - `files`: programs, libraries, mapped files, shared memory;
   * - `otherAnonymous`: what is mapped neither by V8's heaps nor by malloc: by native code or an
   *   allocator in malloc's place, for resizable ArrayBuffers and other WebAssembly memories.
   */
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** Bytes of it that are in memory. */
  readonly bytes: number;
}

/** What a ledger is made from. */
export interface LedgerFigures {
  /** A row that can't be determined on this platform is absent. Each byte is in one row at most. */
  readonly rows: readonly LedgerRow[];
  /** Resident set size of the process, bytes. */
  readonly rss: number;
  /** When it was read, ms since the epoch. */
  readonly timestamp: number;
}

/** A row of two ledgers; a row that only one of them has is 0 in the other. */
export interface LedgerRowDiff extends LedgerRow {
  /** Growth, bytes. */
  readonly bytesDiff: number;
}
