// SPDX-License-Identifier: MIT
// Profiles on disk.
import { shown, TracemallocError } from '../errors.js';
import { type WriteOptions, writeWhole } from '../files/whole-file.js';
import { formatSize } from '../text/size.js';
import type { SnapshotData } from '../traces/facts.js';
import { encodeCompressed } from './compressed.js';
import { decodeProfile } from './decode.js';
import type { OnProgress } from './split.js';

const { promisify } = process.getBuiltinModule('node:util');

/** @throws TracemallocError ERR_WRITE_FAILED; a previous file at `path` is then unchanged. */
export async function writeProfile(
  path: string,
  data: SnapshotData,
  options: WriteOptions = {},
): Promise<void> {
  requirePath(path);
  const bytes = await encodeCompressed(data);
  try {
    await writeWhole(path, bytes, options);
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

// Profiles compress to about a tenth; a large one that compressed to a hundredth is an attack.
/** Bytes that any profile may have; one with a lower compression ratio may have more. */
export const ALWAYS_ALLOWED = 256 * 2 ** 20;
const MOST_UNPACKED = 2 ** 31;
const MOST_COMPRESSED = 100;

/**
 * @param name - where the bytes come from, for the message.
 * @param onProgress - called now and then with the share of the samples that is read, 0 to 1.
 * @throws TracemallocError ERR_INVALID_PROFILE.
 */
export async function parseProfile(
  bytes: Uint8Array,
  name: string,
  onProgress?: OnProgress,
): Promise<SnapshotData> {
  try {
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return decodeProfile(isCompressed ? await unpacked(bytes) : bytes, onProgress);
  } catch (cause) {
    throw failure('ERR_INVALID_PROFILE', `${shown(name)} is not a sound heap profile`, cause);
  }
}

async function unpacked(bytes: Uint8Array): Promise<Uint8Array> {
  const { gunzip } = process.getBuiltinModule('node:zlib');
  const most = Math.max(ALWAYS_ALLOWED, bytes.length * MOST_COMPRESSED);
  const maxOutputLength = Math.min(most, MOST_UNPACKED);
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    const sizes = `${formatSize(bytes.length)} that unpack to more than ${formatSize(maxOutputLength)}`;
    throw new Error(`${sizes} are no profile`);
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
