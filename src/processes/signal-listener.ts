// SPDX-License-Identifier: MIT
// What handles SIGUSR1 in a Node process: Node, which opens its inspector, or the application. Both
// handlers look alike in /proc, so libuv's own list of signals is read from the process's memory: a
// red-black tree of uv_signal_t, whose layout is a part of libuv 1's binary interface.
import type { NodeProgram } from './node-program.js';
import { textOf } from './process-state.js';

const { closeSync, openSync, readSync, statSync } = process.getBuiltinModule('node:fs');

const SIGUSR1 = 10;
/** Bit of SIGUSR1 in a set of signals. */
export const SIGUSR1_BIT = 1n << BigInt(SIGUSR1 - 1);

/** Bytes of a uv_signal_t that are read, and where in it things are. */
const HANDLE_BYTES = 128;
const [TYPE, SIGNAL, LEFT, RIGHT] = [16, 104, 112, 120];
const UV_SIGNAL = 16;
/** There are 64 signals, and a handle for each thread and listener; more is no tree. */
const MOST_HANDLES = 10_000;

/**
 * `unknown`: the memory can't be read (kernel.yama.ptrace_scope, capabilities), the executable is
 * stripped, or its libuv is another one. Listeners of native addons are not found.
 */
export function applicationListens(pid: number, program: NodeProgram): boolean | 'unknown' {
  let memory: number | undefined;
  try {
    const address = treeOf(pid, program);
    if (address === undefined) return 'unknown';
    memory = openSync(`/proc/${pid}/mem`, 'r');
    return signalsIn(memory, address).includes(SIGUSR1);
  } catch {
    return 'unknown';
  } finally {
    if (memory !== undefined) closeSync(memory);
  }
}

function treeOf(pid: number, { file, signalTree, movableFrom }: NodeProgram): bigint | undefined {
  if (signalTree === undefined || movableFrom === undefined) return signalTree;
  const { ino } = statSync(file);
  const first = (textOf(pid, 'maps') ?? '')
    .split('\n')
    .map((line) => line.split(/\s+/))
    .find(([, , offset, , inode]) => Number(inode) === ino && /^0+$/.test(offset ?? ''));
  if (first === undefined) return undefined;
  const [begin = ''] = first[0]!.split('-');
  return BigInt(`0x${begin}`) - movableFrom + signalTree;
}

/** @throws Error if what is there is not such a tree. */
function signalsIn(memory: number, tree: bigint): number[] {
  const read = (address: bigint, size: number) => {
    const bytes = Buffer.alloc(size);
    if (readSync(memory, bytes, 0, size, address) !== size) throw new Error('unreadable memory');
    return bytes;
  };
  const signals: number[] = [];
  const waiting = [read(tree, 8).readBigUInt64LE()];
  for (let address = waiting.pop(); address !== undefined; address = waiting.pop()) {
    if (address === 0n) continue;
    const handle = read(address, HANDLE_BYTES);
    const signal = handle.readInt32LE(SIGNAL);
    const isSound = handle.readInt32LE(TYPE) === UV_SIGNAL && signal >= 1 && signal <= 64;
    if (!isSound || signals.length >= MOST_HANDLES) throw new Error('not a tree of signals');
    signals.push(signal);
    waiting.push(handle.readBigUInt64LE(LEFT), handle.readBigUInt64LE(RIGHT));
  }
  return signals;
}
