// SPDX-License-Identifier: MIT
// Files that appear whole or not at all: readers never meet half of one, and what was there before
// stays until then. Devices and pipes are written to as they are.
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

// What is in them tells of the program: others on the machine need not read it.
const NEW_FILE = { flags: 'wx', mode: 0o600 };

export interface WriteOptions {
  /**
   * Write to what a link leads to (default), or put the file in its place: where names can be guessed,
   * others may have made links of them.
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

/** The same, for a process that is about to end. */
export function writeWholeSync(path: string, content: string | Uint8Array): void {
  const target = targetOf(path);
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

/** What `path` leads to; undefined: something other than a file, which must not be replaced by one. */
function targetOf(path: string): string | undefined {
  const known = statSync(path, { throwIfNoEntry: false });
  if (known === undefined) return path;
  return known.isFile() ? realpathSync(path) : undefined;
}

// Beside its target, for a rename can't leave the file system.
function temporaryOf(target: string): string {
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  return `${target}.${process.pid}.${randomUUID()}.tmp`;
}
