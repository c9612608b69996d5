// SPDX-License-Identifier: MIT
// Writes files completely or not at all: readers never see a part of a file, and the previous file
// stays until the new one is complete. Devices and pipes are written to directly.
const {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = process.getBuiltinModule('node:fs');

// The contents reveal something about the program, so other users must not read them.
const NEW_FILE = { flags: 'wx', mode: 0o600 };

export interface WriteOptions {
  /**
   * Write to the target of a link (default), or replace the link: where names can be guessed,
   * others may have created links of that name.
   */
  readonly links?: 'follow' | 'replace';
}

/** @throws (rejects) the system's error. */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  { links = 'follow' }: WriteOptions = {},
): Promise<void> {
  const target = links === 'replace' ? path : targetOf(path);
  const files = process.getBuiltinModule('node:fs/promises');
  if (target === undefined) return files.writeFile(path, content);
  const temporary = temporaryOf(target);
  try {
    const file = await files.open(temporary, NEW_FILE.flags, NEW_FILE.mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, target);
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The same, synchronously, for a process that is about to end. */
export function writeWholeSync(
  path: string,
  content: string | Uint8Array,
  { links = 'follow' }: WriteOptions = {},
): void {
  const target = links === 'replace' ? path : targetOf(path);
  if (target === undefined) {
    writeFileSync(path, content);
    return;
  }
  const temporary = temporaryOf(target);
  try {
    const file = openSync(temporary, NEW_FILE.flags, NEW_FILE.mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The real path; undefined: it is not a regular file, and must not be replaced by one. */
function targetOf(path: string): string | undefined {
  const known = statSync(path, { throwIfNoEntry: false });
  if (known === undefined) return path;
  return known.isFile() ? realpathSync(path) : undefined;
}

// In the directory of the target, since a rename can't cross file systems.
function temporaryOf(target: string): string {
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  return `${target}.${process.pid}.${randomUUID()}.tmp`;
}
