// SPDX-License-Identifier: MIT
// Whether a process runs Node.js, and which version. Its file is looked into, never run, and its
// name does not count: other runtimes are called node, too, and some end on the signals that Node
// expects.
import { ElfFile } from './elf-file.js';
import { textOf } from './process-state.js';

const { statSync } = process.getBuiltinModule('node:fs');

export interface NodeProgram {
  /** The executable, or the library with Node in it, as a path that this process can open. */
  readonly file: string;
  /** Such as `v24.21.0`; undefined: it does not say. */
  readonly version: string | undefined;
  /** As `process.arch`. */
  readonly arch: string | undefined;
  /** Whether its C library is musl. */
  readonly isMusl: boolean;
  /** Where libuv's tree of signals is; undefined: the file is stripped. */
  readonly signalTree: bigint | undefined;
  /** The address for which the file's first byte is meant; undefined: it can't be moved from there. */
  readonly movableFrom: bigint | undefined;
}

/** `node::Start(int, char**)`, which Node's own executable and libnode export. */
const START = '_ZN4node5StartEiPPc';

const SIGNAL_TREE = 'uv__signal_tree';

// Reading one takes a tenth of a second, and many processes have the same.
const known = new Map<string, Omit<NodeProgram, 'file'> | undefined>();

/** Undefined: it is another program, or its file can't be read. */
export function nodeProgramOf(pid: number): NodeProgram | undefined {
  for (const file of [`/proc/${pid}/exe`, ...librariesOf(pid)]) {
    const facts = factsOf(file);
    if (facts !== undefined) return { file, ...facts };
  }
  return undefined;
}

/** Where Debian, Fedora and others have Node's code. */
function librariesOf(pid: number): readonly string[] {
  const paths = (textOf(pid, 'maps') ?? '').match(/\/\S*\/libnode\.so[^/\s]*$/gm) ?? [];
  return [...new Set(paths)].map((path) => `/proc/${pid}/root${path}`);
}

function factsOf(file: string): Omit<NodeProgram, 'file'> | undefined {
  try {
    const { dev, ino, mtimeMs } = statSync(file);
    const key = `${dev} ${ino} ${mtimeMs}`;
    if (!known.has(key)) known.set(key, readFacts(file));
    return known.get(key);
  } catch {
    return undefined;
  }
}

function readFacts(file: string): Omit<NodeProgram, 'file'> | undefined {
  using elf = new ElfFile(file);
  if (!elf.exportsSymbol(START)) return undefined;
  return {
    signalTree: elf.addressOf(SIGNAL_TREE),
    movableFrom: elf.isMovable ? elf.firstAddress : undefined,
    version: versionIn(elf.bytesOf('.rodata')),
    arch: elf.arch,
    isMusl:
      elf.bytesOf('.interp').includes('musl') || elf.bytesOf('.dynstr').includes('\0libc.musl'),
  };
}

// process.release names the archive of the source. A build of one's own has no such address, only
// process.version.
function versionIn(text: Buffer): string | undefined {
  const release = '/download/release/v';
  const at = text.indexOf(release);
  const [found] =
    at < 0
      ? []
      : (/^v\d+\.\d+\.\d+/.exec(text.toString('latin1', at + release.length - 1, at + 60)) ?? []);
  return found ?? /\0(v\d\d\.\d+\.\d+)[^\w.]/.exec(text.toString('latin1'))?.[1];
}
