// SPDX-License-Identifier: MIT
// Profiles on disk.
import { shown, TracemallocError } from '../errors.js';
import { writeWhole } from '../whole-file.js';
import { encodeCompressed } from './compressed.js';
import { decodeProfile } from './decode.js';
import type { SnapshotData } from './profile.js';
import type { OnProgress } from './split.js';

const { promisify } = process.getBuiltinModule('node:util');

/** @throws TracemallocError ERR_WRITE_FAILED; what was at `path` before is then still there. */
export async function writeProfile(path: string, data: SnapshotData): Promise<void> {
  requirePath(path);
  const bytes = await encodeCompressed(data);
  try {
    await writeWhole(path, bytes);
  } catch (cause) {
    throw failure('ERR_WRITE_FAILED', `can't write the snapshot to ${shown(path)}`, cause);
  }
}

/**
 * @param onProgress - see {@link parseProfile}.
 * @throws TracemallocError ERR_READ_FAILED, ERR_INVALID_PROFILE.
 */
export async function readProfile(path: string, onProgress?: OnProgress): Promise<SnapshotData> {
  requirePath(path);
  let bytes: Uint8Array;
  try {
    bytes = await process.getBuiltinModule('node:fs/promises').readFile(path);
  } catch (cause) {
    throw failure('ERR_READ_FAILED', `can't read ${shown(path)}`, cause);
  }
  return parseProfile(bytes, path, onProgress);
}

// Profiles shrink to a tenth or so; what claims a hundredth and is large is there to exhaust us.
const MOST_UNPACKED = 256 * 2 ** 20;
const MOST_COMPRESSED = 100;

/**
 * @param name - where the bytes come from, for the message.
 * @param onProgress - hears now and then which share of the samples is read, 0 to 1.
 * @throws TracemallocError ERR_INVALID_PROFILE.
 */
export async function parseProfile(
  bytes: Uint8Array,
  name: string,
  onProgress?: OnProgress,
): Promise<SnapshotData> {
  const { gunzip } = process.getBuiltinModule('node:zlib');
  try {
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const maxOutputLength = Math.max(MOST_UNPACKED, bytes.length * MOST_COMPRESSED);
    const profile = isCompressed ? await promisify(gunzip)(bytes, { maxOutputLength }) : bytes;
    return decodeProfile(profile, onProgress);
  } catch (cause) {
    throw failure('ERR_INVALID_PROFILE', `${shown(name)} is not a sound heap profile`, cause);
  }
}

function requirePath(path: unknown): void {
  if (typeof path === 'string' && path !== '') return;
  throw new TracemallocError('ERR_INVALID_ARGUMENT', `path must be a string, not ${shown(path)}`);
}

function failure(
  code: 'ERR_WRITE_FAILED' | 'ERR_READ_FAILED' | 'ERR_INVALID_PROFILE',
  what: string,
  cause: unknown,
): TracemallocError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TracemallocError(code, `${what}: ${reason}`, { cause });
}
