// SPDX-License-Identifier: MIT
// What the kernel says about another process, in /proc. Nothing here disturbs that process.
const { readFileSync, readlinkSync } = process.getBuiltinModule('node:fs');

export interface ProcessState {
  readonly pid: number;
  /** As the process itself sees it: it may be in a PID namespace of its own. */
  readonly pidInside: number;
  /** Ticks since the machine began; with the pid it names one process for ever. */
  readonly startTime: string;
  /** One letter, as in /proc/PID/stat: R, S, D, Z, T and so on. */
  readonly state: string;
  /** The user whose rights it has. */
  readonly uid: number;
  /** Sets of signals, bit n-1 for signal n: with a handler; blocked in the main thread. */
  readonly caught: bigint;
  readonly blocked: bigint;
  /** Bytes. */
  readonly rss: number;
}

/** Undefined: there is no such process. */
export function readProcess(pid: number): ProcessState | undefined {
  const stat = textOf(pid, 'stat');
  const status = textOf(pid, 'status');
  if (stat === undefined || status === undefined) return undefined;
  // The name, in parentheses, may itself contain parentheses and spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const line = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  const last = (text: string) => text.split(/\s+/).at(-1) ?? '';
  return {
    pid,
    pidInside: Number(last(line('NSpid')) || pid),
    state: fields[0] ?? '',
    startTime: fields[19] ?? '',
    uid: Number(line('Uid').split(/\s+/)[1]),
    caught: BigInt(`0x${line('SigCgt') || '0'}`),
    blocked: BigInt(`0x${line('SigBlk') || '0'}`),
    rss: Number.parseInt(line('VmRSS') || '0', 10) * 1024,
  };
}

/** Whether it is still the process that was read, and not another one with its number. */
export function isAlive({ pid, startTime }: Pick<ProcessState, 'pid' | 'startTime'>): boolean {
  const now = readProcess(pid);
  return now !== undefined && now.startTime === startTime && !isEnding(now);
}

/** A zombie, or dead. */
export function isEnding({ state }: Pick<ProcessState, 'state'>): boolean {
  return state === 'Z' || state === 'X';
}

/** Its arguments, the program's name first; empty: it has none, or they can't be read. */
export function commandLine(pid: number): readonly string[] {
  return (textOf(pid, 'cmdline') ?? '').split('\0').slice(0, -1);
}

/** A variable of the environment with which it began; undefined: not set, or not readable. */
export function beganWith(pid: number, variable: string): string | undefined {
  const entry = (textOf(pid, 'environ') ?? '')
    .split('\0')
    .find((each) => each.startsWith(`${variable}=`));
  return entry?.slice(variable.length + 1);
}

/** Whether this process is in the same namespace as that one; false if that can't be known. */
export function sharesNamespace(pid: number, kind: 'mnt' | 'net' | 'pid'): boolean {
  const own = linkOf('self', `ns/${kind}`);
  return own !== undefined && own === linkOf(pid, `ns/${kind}`);
}

/** A file of that process's root directory, which may be another one than ours. */
export function seenBy(pid: number, path: string): string {
  return `/proc/${pid}/root${path}`;
}

/** Undefined: it is gone, or this user may not read it. */
export function textOf(pid: number | 'self', name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** As {@link textOf}, of a link. */
export function linkOf(pid: number | 'self', name: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}
