// SPDX-License-Identifier: MIT
import { encodeProfile } from '../pprof/encode.js';
import type { Snapshot } from '../snapshot/snapshot.js';

/**
 * A gzipped pprof heap profile, the bytes that `Snapshot.dump` writes and `Snapshot.load` reads; the
 * one format that keeps everything.
 *
 * @returns sample types in Go's order: alloc_objects, alloc_space, inuse_objects, inuse_space.
 * Cost: linear in the traces; compresses on the calling thread.
 */
export function toPprof(snapshot: Snapshot): Uint8Array {
  const { gzipSync } = process.getBuiltinModule('node:zlib');
  return gzipSync(encodeProfile({ traces: snapshot.traces, facts: snapshot }));
}
