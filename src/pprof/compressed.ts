// SPDX-License-Identifier: MIT
// A profile as it is stored and sent: gzipped, off the calling thread.
import type { SnapshotData } from '../traces/facts.js';

const { promisify } = process.getBuiltinModule('node:util');

export async function encodeCompressed(data: SnapshotData): Promise<Uint8Array> {
  const { encodeProfile } = await import('./encode.js');
  const { gzip } = process.getBuiltinModule('node:zlib');
  return promisify(gzip)(encodeProfile(data));
}
