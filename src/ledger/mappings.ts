// SPDX-License-Identifier: MIT
// What a process's mappings are, told from the text of /proc/self/maps: where they lie, what may be
// done with them, and what lies next to them.

export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** As the kernel prints it: `rw-p`. */
  readonly access: string;
  /** A file's path, the kernel's own name such as `[heap]`, or empty. */
  readonly name: string;
  readonly isFile: boolean;
}

/**
 * - `v8`: heap pages of any thread and what else V8 maps page by page;
 * - `arena`: where malloc places what is small;
 * - `wasm`: WebAssembly memories;
 * - `code`: code made at run time;
 * - `stack`: thread stacks;
 * - `other`: malloc's large blocks among them, which nothing here tells from mmap by native code.
 */
export type MappingKind = 'v8' | 'arena' | 'wasm' | 'code' | 'stack' | 'other';

export function parseMappings(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    // start-end access offset device inode name
    const dash = line.indexOf('-');
    const space = line.indexOf(' ', dash);
    if (dash < 0 || space < 0) continue;
    const offset = line.indexOf(' ', space + 6);
    const inode = line.indexOf(' ', offset + 1) + 1;
    const inodeEnd = line.indexOf(' ', inode);
    mappings.push({
      start: Number.parseInt(line.slice(0, dash), 16),
      end: Number.parseInt(line.slice(dash + 1, space), 16),
      access: line.slice(space + 1, space + 5),
      name: inodeEnd < 0 ? '' : line.slice(inodeEnd).trim(),
      isFile: line.slice(inode, inodeEnd < 0 ? undefined : inodeEnd) !== '0',
    });
  }
  return mappings;
}

const OF_KERNEL = /^\[v(dso|var|syscall)/;
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

// V8 asks for addresses below 2^46, at random, aligned by 256 KiB (heap pages) or 64 KiB (tables);
// programs not linked to move lie below 2^32, and the kernel gives everybody else higher ones.
const V8_START = 2 ** 32;
const V8_END = 2 ** 46;
const V8_ALIGNMENT = 64 * KIB;
// glibc reserves arenas in aligned pieces of this size and opens them from the front.
const ARENA = 64 * MIB;
// A 32-bit memory is followed by at least this much that must not be touched.
const WASM_GUARD = 4 * GIB;
const LARGEST_STACK = 16 * MIB;
// Beyond, it is a sanitizer's shadow memory, which would take seconds to measure.
const LARGEST = 1024 * GIB;

/** Kinds of the anonymous mappings that may hold memory; files and mere reservations have none. */
export function kindsOf(mappings: readonly Mapping[]): Map<Mapping, MappingKind> {
  const kinds = new Map<Mapping, MappingKind>();
  mappings.forEach((mapping, i) => {
    const { start, end, access, name, isFile } = mapping;
    if (isFile || !access.startsWith('r') || OF_KERNEL.test(name) || end - start > LARGEST) return;
    kinds.set(mapping, kindOf(mapping, mappings[i - 1], mappings[i + 1]));
  });
  return kinds;
}

function kindOf(
  mapping: Mapping,
  before: Mapping | undefined,
  after: Mapping | undefined,
): MappingKind {
  const { start, end, access, name } = mapping;
  if (name === '[heap]') return 'arena';
  if (name === '[stack]') return 'stack';
  const reservedBefore = before?.end === start ? sizeOfReservation(before) : 0;
  const reservedAfter = after?.start === end ? sizeOfReservation(after) : 0;
  if (access[2] === 'x') return 'code';
  if (reservedAfter >= WASM_GUARD) return 'wasm';
  if (access.startsWith('rw') && isArena(start, end, reservedAfter)) return 'arena';
  if (start >= V8_START && start < V8_END && start % V8_ALIGNMENT === 0) return 'v8';
  if (reservedBefore > 0 && end - start <= LARGEST_STACK) return 'stack';
  return 'other';
}

function isArena(start: number, end: number, reservedAfter: number): boolean {
  if (reservedAfter > 0) return reservedAfter < ARENA && (end + reservedAfter) % ARENA === 0;
  return start % ARENA === 0 && end % ARENA === 0;
}

function sizeOfReservation({ start, end, access, isFile }: Mapping): number {
  return !isFile && access.startsWith('---') ? end - start : 0;
}
