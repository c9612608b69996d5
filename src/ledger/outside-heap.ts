// SPDX-License-Identifier: MIT
// Memory outside this thread's heap of which V8 knows, without what the ArrayBuffer allocator
// holds: one reading for the ledger's row `external` and the snapshots' row `(not attributable)`.
//
// V8 has two sums. Both have backing stores of any origin; `external` also has strings outside the
// heap, and what native code reports is in the other one. So what grew in both exists. What grew in
// one only is a claim: strings may be Node's own sources, which lie in its program file; V8 counts
// WebAssembly memories that grow twice, and the same code again for each asm.js module. A claim
// counts as far as malloc handed out as much for something other than buffers. The process's
// mappings show how large WebAssembly memories are.
import type { Binding, MallocFigures } from '../addon/binding.js';
import { monotonicNow } from '../host/real-time.js';
import { threadId } from '../host/thread.js';
import { readStatus } from './process-status.js';

/** At one moment, bytes. Only growth has a meaning, since Node's own strings are included. */
export interface OutsideHeap {
  /** `memoryUsage().external` without what the ArrayBuffer allocator holds, and `wasm`. */
  readonly external: number;
  /** V8's other sum without the same. */
  readonly told: number;
  /** WebAssembly memories: in the main thread those of the process, on Node 26. */
  readonly wasm: number;
  /** What malloc handed out for other things than buffers. */
  readonly malloc: number;
}

/** The figures of the process's memory that are needed, so that they are read only once. */
export interface OutsideFigures {
  readonly memoryUsage: NodeJS.MemoryUsage;
  readonly malloc: MallocFigures | undefined;
  /** Bytes of all WebAssembly memories with guard regions, resident or not. */
  readonly wasmMapped: number;
}

// Node 26 leaves WebAssembly memories out of `external`, and V8's other sum does not follow them
// when they grow.
const EXTERNAL_HAS_WASM = Number.parseInt(process.versions.node, 10) < 26;

/** The current figures. Cost: tens of microseconds; where there is WebAssembly, a millisecond. */
export function readOutsideHeap(addon: Binding): OutsideHeap {
  const wasmMapped = readWasmMapped(addon);
  const memoryUsage = process.memoryUsage();
  return outsideHeap(addon, { memoryUsage, malloc: addon.mallocFigures(), wasmMapped });
}

/** The same from figures that have been read already. */
export function outsideHeap(addon: Binding, figures: OutsideFigures): OutsideHeap {
  const { memoryUsage, malloc, wasmMapped } = figures;
  const { external, arrayBuffers, rss, heapTotal } = memoryUsage;
  const ownWasm = Math.max(0, Math.min(wasmMapped, external - arrayBuffers));
  // Where the allocator has no figures, it holds at most what is resident and not the heap's.
  const held = malloc === undefined ? rss - heapTotal : malloc.inUse + malloc.mapped;
  return {
    external: external - arrayBuffers - (EXTERNAL_HAS_WASM ? ownWasm : 0),
    told: addon.externalMemory() - arrayBuffers - (EXTERNAL_HAS_WASM ? ownWasm : wasmMapped),
    wasm: EXTERNAL_HAS_WASM ? ownWasm : threadId === 0 ? wasmMapped : 0,
    malloc: held - arrayBuffers,
  };
}

/** What was added, bytes. */
export interface OutsideGrowth {
  /** What V8 knows of; some of it need not exist. */
  readonly reported: number;
  /**
   * What exists, without `streams` bytes of it that belong to compression streams. It may be too
   * little: where malloc took back as much at the same time, and for SharedArrayBuffers, which come
   * from the ArrayBuffer allocator without being reported to V8.
   */
  readonly without: (streams: number) => number;
}

export function growthOutsideHeap(now: OutsideHeap, start: OutsideHeap): OutsideGrowth {
  const { wasm, external, told, malloc } = growth(now, start);
  const inBoth = Math.max(0, Math.min(external, told));
  const inOne = Math.max(0, external, told) - inBoth;
  const ofMalloc = Math.max(0, Math.min(inOne, malloc - inBoth));
  const certain = Math.max(0, wasm) + inBoth;
  return {
    reported: certain + inOne,
    without: (streams) => certain + Math.max(0, ofMalloc - streams),
  };
}

function growth(now: OutsideHeap, start: OutsideHeap): OutsideHeap {
  const of = (kind: keyof OutsideHeap) => now[kind] - start[kind];
  return { external: of('external'), told: of('told'), wasm: of('wasm'), malloc: of('malloc') };
}

// As of the first reading in this thread.
let base: (OutsideHeap & { readonly native: number }) | undefined;

/** What native code reports that objects hold, as far as it can exist. */
export function nativeParts(now: OutsideHeap): number {
  base ??= { ...now, native: Math.min(Math.max(0, now.told - now.external), now.malloc) };
  const { external, told, malloc } = growth(now, base);
  return Math.max(0, base.native + Math.min(told - external, malloc - external));
}

// A WebAssembly memory with a guard region reserves more address space than this.
const WASM_RESERVES = 4 * 1024 ** 3;
// Reading the mappings takes a millisecond for so much memory; of more, at most this share of the
// time, and between two readings the figure stays.
const QUICKLY_READ = 512 * 1024 ** 2;
const SHARE = 1 / 100;

let mapped = { bytes: 0, due: 0 };

function readWasmMapped(addon: Binding): number {
  const { addressSpace, rss } = readStatus() ?? { addressSpace: 0, rss: 0 };
  if (addressSpace < WASM_RESERVES) return 0;
  const begun = monotonicNow();
  if (rss > QUICKLY_READ && begun < mapped.due) return mapped.bytes;
  const mappings = addon.mappings();
  const bytes = mappings === undefined ? 0 : addon.residentMemory(mappings).wasmMapped;
  const ended = monotonicNow();
  mapped = { bytes, due: ended + (ended - begun) / SHARE };
  return bytes;
}
