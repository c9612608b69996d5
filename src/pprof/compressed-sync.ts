// SPDX-License-Identifier: MIT
import type { SnapshotData } from '../traces/facts.js';
import { encodeProfile } from './encode.js';

/** A profile as it is stored and sent: gzipped, on the calling thread. */
export function encodeCompressedSync(data: SnapshotData): Uint8Array {
  return process.getBuiltinModule('node:zlib').gzipSync(encodeProfile(data));
}
