// SPDX-License-Identifier: MIT
import { encodeCompressedSync } from '../pprof/compressed-sync.js';
import type { Snapshot } from '../snapshot/snapshot.js';

/**
 * A gzipped pprof heap profile, the bytes that `Snapshot.dump` writes and `Snapshot.load` reads; the
 * one format that keeps everything.
 *
 * @returns sample types in Go's order: alloc_objects, alloc_space, inuse_objects, inuse_space.
 * Cost: linear in the traces; compresses on the calling thread.
 */
export function toPprof(snapshot: Snapshot): Uint8Array {
  return encodeCompressedSync({ traces: snapshot.traces, facts: snapshot });
}
