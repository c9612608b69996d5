// SPDX-License-Identifier: MIT
// Node's own objects behind the streams of node:zlib: their classes, which Node does not export,
// and the state that can be read from them.
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
  /** Has `init`, which is called once for each handle, and `close`. */
  readonly prototype: object;
  readonly type: string;
  readonly law: (initArguments: readonly unknown[]) => SizeLaw;
}

interface Kind {
  /** The exported stream class whose handles have this class. */
  readonly stream: string;
  readonly type: string;
  readonly law: SizeLawOf;
  /**
   * True: nothing is allocated before the first write. Other kinds are included only if the memory
   * of a new stream is reported to V8.
   */
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
// The property in which a handle keeps its stream.
let owner: PropertyKey = '';

/** The classes whose memory is reported to V8. Loads `node:zlib`. */
export function handleClasses(addon: Binding): readonly HandleClass[] {
  if (known !== undefined) return known;
  const zlib = process.getBuiltinModule('node:zlib') as unknown as Zlib;
  inflating = ['Inflate', 'InflateRaw', 'Gunzip', 'Unzip'].flatMap((name) => zlib[name] ?? []);
  known = KINDS.flatMap((kind) => {
    try {
      return classBehind(kind, zlib[kind.stream], addon) ?? [];
    } catch {
      return []; // the program replaced the stream's class by one with another constructor
    }
  });
  return known;
}

interface Stream {
  /** With synchronous writes, it has only the last one. */
  readonly bytesWritten?: unknown;
  /** Remaining room for output and remaining input, after the first write. */
  readonly _writeState?: Uint32Array;
}

/** A lower bound of the input that the stream has taken until now, and whether it inflates. */
export function progressOf(handle: Handle): [written: number, inflates: boolean] {
  try {
    const stream = handle[owner] as Stream | undefined;
    const wasUsed = stream?._writeState?.some((left) => left > 0) ?? false;
    const inflates = inflating.some((Class) => stream instanceof Class);
    return [Number(stream?.bytesWritten) || Number(wasUsed), inflates];
  } catch {
    return [0, false]; // a class of the application, with a getter that throws
  }
}

// Found by creating a stream and closing it.
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
