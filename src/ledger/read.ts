// SPDX-License-Identifier: MIT
// Reads the process's memory from the kernel, V8 and malloc, each for what it knows best.
import type { HeapSpaceInfo } from 'node:v8';
import type { Binding, MallocFigures, ResidentMemory } from '../addon/binding.js';
import { loadAddon } from '../addon/loader.js';
import { dateNow } from '../host/real-time.js';
import { runThrough, type Steps } from '../host/steps.js';
import { threadId } from '../host/thread.js';
import { MemoryLedger } from './ledger.js';
import { nativeParts, outsideHeap } from './outside-heap.js';
import { readStatus } from './process-status.js';
import type { LedgerRow } from './rows.js';
import { touched, touchedBlocks } from './touched.js';

/**
 * The current memory of this process by kind, to compare with RSS. Needs no tracing; heaps of other
 * threads are known if these trace, as of their last garbage collection.
 *
 * Rows that can't be determined are absent: on other systems than Linux all but V8's and the array
 * buffers', without the addon those of anonymous memory, and malloc's where the C library has no
 * figures (glibc before 2.33) or another allocator replaces it.
 *
 * @returns bytes; rows in a fixed order.
 * Cost: a third of a millisecond in a small process, 4 ms with 2 GiB of objects: proportional to
 * the number of mappings, which is that of heap pages. Malloc's own figures take 7 ms with 100,000
 * free blocks. Python has no counterpart.
 */
export function getMemoryLedger(): MemoryLedger {
  return runThrough(readingLedger());
}

/**
 * The same, with pauses after loading and after listing the mappings. What is mapped during the
 * last pause is `unexplained`; everything else is read after it.
 */
export function* readingLedger(): Steps<MemoryLedger> {
  const addon = addonIfAny();
  const { getHeapSpaceStatistics } = process.getBuiltinModule('node:v8'); // 2 ms, the first time
  yield;
  const mappings = addon?.mappings();
  yield;
  const timestamp = dateNow();
  const memoryUsage = process.memoryUsage();
  const { rss: reportedRss, arrayBuffers } = memoryUsage;
  const heaps = heapSizes(addon, getHeapSpaceStatistics());
  const rows = heaps.map(([id, bytes]) => heapRow(id, bytes));
  const row = (name: string, label: string, bytes: number) => rows.push({ name, label, bytes });
  const status = readStatus();
  if (addon === undefined || mappings === undefined) {
    row('arrayBuffers', 'array buffers', arrayBuffers);
  } else {
    const resident = addon.residentMemory(mappings);
    const known = heaps.reduce((sum, [, bytes]) => sum + bytes, 0);
    row('v8', 'other memory of V8', Math.max(0, resident.v8 - known));
    const { wasmMapped } = resident;
    const malloc = addon.mallocFigures();
    const native = nativeParts(outsideHeap(addon, { memoryUsage, malloc, wasmMapped }));
    rows.push(...mallocRows(malloc, resident, { arrayBuffers, native }));
    row('wasm', 'WebAssembly memory', resident.wasm);
    row('code', 'compiled code', resident.code);
    row('stacks', 'thread stacks', resident.stack);
  }
  if (status !== undefined) row('files', 'files and shared memory', status.files);
  return new MemoryLedger({ rows, rss: status?.rss ?? reportedRss, timestamp });
}

function addonIfAny(): Binding | undefined {
  try {
    return loadAddon();
  } catch {
    return undefined;
  }
}

function heapSizes(
  addon: Binding | undefined,
  own: HeapSpaceInfo[],
): [threadId: number, bytes: number][] {
  const sizes = new Map(addon?.heapSizes().map(({ threadId: id, bytes }) => [id, bytes]));
  const heap = own.filter(({ space_name }) => !space_name.startsWith('code_')); // a row of its own
  sizes.set(
    threadId,
    heap.reduce((sum, { physical_space_size }) => sum + physical_space_size, 0),
  );
  return [...sizes].sort(([a], [b]) => a - b);
}

function heapRow(id: number, bytes: number): LedgerRow {
  if (id === 0) return { name: 'heap', label: 'V8 heap', bytes };
  return { name: `heap:${id}`, label: `V8 heap of worker ${id}`, bytes };
}

// What malloc handed out need not have been touched, so it is limited to what is resident.
function mallocRows(
  malloc: MallocFigures | undefined,
  resident: ResidentMemory,
  { arrayBuffers, native }: { arrayBuffers: number; native: number },
): LedgerRow[] {
  // If another mapping blocks the program break, malloc extends its arena by mappings that look
  // like any other: as many bytes of these as malloc's figures exceed its known mappings.
  const ofArenas = (malloc?.inUse ?? 0) + (malloc?.free ?? 0);
  const unknown = Math.min(Math.max(0, ofArenas - resident.arenaMapped), resident.other);
  const [arena, other] = [resident.arena + unknown, resident.other - unknown];
  const row = (name: string, label: string, bytes: number) => ({ name, label, bytes });
  if (malloc === undefined) {
    const buffers = Math.min(arrayBuffers, arena + other);
    return [
      row('arrayBuffers', 'array buffers', buffers),
      row('otherAnonymous', 'other anonymous', arena + other - buffers),
    ];
  }
  const inArenas = Math.min(malloc.inUse, arena);
  const blocks = touchedBlocks(malloc.mapped, other);
  const rest = Math.max(0, malloc.inUse + malloc.mapped - arrayBuffers - native);
  const inUse = touched({ buffers: arrayBuffers, native, other: rest }, inArenas + blocks);
  return [
    row('arrayBuffers', 'array buffers', inUse.buffers),
    row('external', 'native parts of objects', inUse.native),
    row('malloc', 'other malloc, in use', inUse.other),
    row('mallocFree', 'malloc, free', arena - inArenas),
    row('otherAnonymous', 'other anonymous', other - blocks),
  ];
}
