// SPDX-License-Identifier: MIT
// The sockets on which a process listens, from /proc: whose a TCP socket is can't be forged there. (A
// Unix socket's path may have line ends in it.)
import { linkOf, textOf } from './process-state.js';

const { readdirSync } = process.getBuiltinModule('node:fs');

export interface ListeningSocket {
  readonly inode: string;
  /** Such as `127.0.0.1` or `::1`. */
  readonly address: string;
  readonly port: number;
}

const LISTENING = '0A';
/** Established, and left by the other side. */
const CONNECTED = ['01', '08'];
const ACCEPTS = 0x10000;
/** Its flags, inode and path. */
const UNIX_ROW = /^\w+: \w+ \w+ (\w+) \w+ \w+ +(\d+) (\/.*)$/gm;

/** TCP sockets on which any process listens in the network namespace of this one. */
export function listeningAround(pid: number): readonly ListeningSocket[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    rowsOf(pid, table)
      .filter((row) => row[3] === LISTENING)
      .map(([, local = '', , , , , , , , inode = '']) => {
        const [address = '', port = ''] = local.split(':');
        return { inode, address: addressIn(address), port: Number.parseInt(port, 16) };
      }),
  );
}

/** Whether a connection to that port is open, or not closed yet on the port's side. */
export function hasConnections(pid: number, port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['tcp', 'tcp6'].some((table) =>
    rowsOf(pid, table).some((row) => row[1]?.endsWith(local) && CONNECTED.includes(row[3] ?? '')),
  );
}

/** TCP sockets on which this process listens, or holds open for others that do. */
export function listeningOf(pid: number): readonly ListeningSocket[] {
  const own = inodesOf(pid);
  return listeningAround(pid).filter(({ inode }) => own.has(inode));
}

/** Paths of the Unix sockets on which it listens, as it sees them. */
export function unixSocketsOf(pid: number): readonly string[] {
  const own = inodesOf(pid);
  // The path is last, and may have spaces.
  const rows = (textOf(pid, 'net/unix') ?? '').matchAll(UNIX_ROW);
  return [...rows].flatMap(([, flags = '', inode = '', path = '']) =>
    own.has(inode) && Number.parseInt(flags, 16) & ACCEPTS ? path : [],
  );
}

/** A process that has this socket; undefined: none that this user may look into. */
export function holderOf(inode: string): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => inodesOf(pid).has(inode));
}

/** Where the machine itself reaches a socket of that address. */
export function reachableAt(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

function rowsOf(pid: number, table: string): string[][] {
  const [, ...lines] = (textOf(pid, `net/${table}`) ?? '').split('\n');
  return lines.filter((line) => line !== '').map((line) => line.trim().split(/\s+/));
}

function inodesOf(pid: number): ReadonlySet<string> {
  let files: readonly string[];
  try {
    files = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return new Set();
  }
  return new Set(
    files.flatMap((file) => /^socket:\[(\d+)\]$/.exec(linkOf(pid, `fd/${file}`) ?? '')?.[1] ?? []),
  );
}

/** The kernel writes addresses as 32-bit words in the byte order of the machine. */
function addressIn(hexadecimal: string): string {
  const bytes = (hexadecimal.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  if (bytes.slice(0, 15).every((byte) => byte === 0)) return bytes[15] === 1 ? '::1' : '::';
  return (hexadecimal.match(/.{4}/g) ?? []).join(':').toLowerCase();
}
