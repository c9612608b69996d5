// SPDX-License-Identifier: MIT
// Node's own objects behind the streams of node:zlib: their classes, which Node does not hand out,
// and what streams tell of themselves.
import type { Binding } from '../addon/binding.js';
import {
  brotliDecoderSize,
  brotliEncoderSize,
  type SizeLaw,
  type SizeLawOf,
  zlibSize,
  zstdCompressSize,
  zstdDecompressSize,
} from './compression-sizes.js';

export type Handle = { close(): void } & Record<PropertyKey, unknown>;

export interface HandleClass {
  /** Has `init`, which each handle goes through once, and `close`. */
  readonly prototype: object;
  readonly type: string;
  readonly law: (initArguments: readonly unknown[]) => SizeLaw;
}

interface Kind {
  /** Whose handles are of the class. */
  readonly stream: string;
  readonly type: string;
  readonly law: SizeLawOf;
  /** Nothing is allocated before the first write; else V8 must hear of what is, or it hears nothing. */
  readonly isLazy?: true;
}

const KINDS: readonly Kind[] = [
  { stream: 'Deflate', type: 'zlib stream', law: zlibSize, isLazy: true },
  { stream: 'BrotliCompress', type: 'brotli stream', law: brotliEncoderSize },
  { stream: 'BrotliDecompress', type: 'brotli stream', law: brotliDecoderSize },
  { stream: 'ZstdCompress', type: 'zstd stream', law: zstdCompressSize },
  { stream: 'ZstdDecompress', type: 'zstd stream', law: zstdDecompressSize },
];

type StreamClass = new (options: object) => object;
type Zlib = Partial<Record<string, StreamClass>>;

let known: readonly HandleClass[] | undefined;
let inflating: readonly StreamClass[] = [];
// Where a handle keeps its stream.
let owner: PropertyKey = '';

/** Those that V8 hears of. Loads `node:zlib`. */
export function handleClasses(addon: Binding): readonly HandleClass[] {
  if (known !== undefined) return known;
  const zlib = process.getBuiltinModule('node:zlib') as unknown as Zlib;
  inflating = ['Inflate', 'InflateRaw', 'Gunzip', 'Unzip'].flatMap((name) => zlib[name] ?? []);
  known = KINDS.flatMap((kind) => {
    try {
      return classBehind(kind, zlib[kind.stream], addon) ?? [];
    } catch {
      return []; // somebody replaced the stream's class by one that is made otherwise
    }
  });
  return known;
}

interface Stream {
  /** Of synchronous writes, only the last one counts. */
  readonly bytesWritten?: unknown;
  /** Room left for output and input left, once something was written. */
  readonly _writeState?: Uint32Array;
}

/** What its stream has taken of input until now, at least, and whether it makes more of that. */
export function progressOf(handle: Handle): [written: number, inflates: boolean] {
  try {
    const stream = handle[owner] as Stream | undefined;
    const wasUsed = stream?._writeState?.some((left) => left > 0) ?? false;
    const inflates = inflating.some((Class) => stream instanceof Class);
    return [Number(stream?.bytesWritten) || Number(wasUsed), inflates];
  } catch {
    return [0, false]; // a class of the application's, with a getter of its own
  }
}

// One short-lived stream shows it.
function classBehind(
  { type, law, isLazy }: Kind,
  Stream: StreamClass | undefined,
  addon: Binding,
): HandleClass | undefined {
  if (Stream === undefined) return undefined;
  const stream = new Stream({ chunkSize: 64 }) as { readonly _handle: Handle };
  const handle = stream._handle;
  const before = addon.externalMemory();
  handle.close();
  const idle = before - addon.externalMemory();
  if (!isLazy && !(idle > 0)) return undefined;
  owner = Reflect.ownKeys(handle).find((key) => handle[key] === stream) ?? owner;
  return {
    prototype: Object.getPrototypeOf(handle),
    type,
    law: (initArguments) => law(initArguments, idle),
  };
}
