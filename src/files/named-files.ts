// SPDX-License-Identifier: MIT
// The one place that reads files whose names come from elsewhere: from a dump, a server, a script,
// a source map. Such a name must not make us wait, run out of memory, or show private files: only a
// regular file of an expected kind and of a bounded size is read.
const { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } =
  process.getBuiltinModule('node:fs');
const { isAbsolute, relative, resolve, sep } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

export interface FileRules {
  /** The name must match this. */
  readonly kinds: RegExp;
  /** Bytes. */
  readonly largest: number;
  /**
   * The file must be below one of these directories, and below that not in a path with a name that
   * begins with a dot. Undefined: it may be anywhere, since it is never shown.
   */
  readonly roots?: readonly Root[];
}

/** A directory as it was named, and its real path. */
export interface Root {
  readonly named: string;
  readonly real: string;
}

/** The directories that exist; relative ones are below the working directory. */
export function rootsAt(directories: readonly string[]): Root[] {
  return directories.flatMap((directory) => {
    try {
      const named = resolve(directory);
      return [{ named, real: realpathSync(named) }];
    } catch {
      return [];
    }
  });
}

/**
 * The file's text, read as UTF-8; undefined: there is no such file, or it is none to read. Never
 * throws.
 *
 * @param name - a path or a `file:` URL; a relative one is below the working directory.
 */
export function readNamedFile(name: string, { kinds, largest, roots }: FileRules) {
  try {
    const path = resolve(name.startsWith('file:') ? fileURLToPath(name) : name);
    // The name is checked first, since resolving a path may mount a disk or contact a server.
    if (!kinds.test(path)) return undefined;
    if (
      !liesBelow(
        roots?.flatMap(({ named, real }) => [named, real]),
        path,
      )
    )
      return undefined;
    const real = realpathSync(path);
    if (
      !kinds.test(real) ||
      !liesBelow(
        roots?.map((root) => root.real),
        real,
      )
    )
      return undefined;
    return readRegularFile(real, largest);
  } catch {
    return undefined;
  }
}

function liesBelow(directories: readonly string[] | undefined, path: string): boolean {
  if (directories === undefined) return true;
  return directories.some((directory) => {
    const way = relative(directory, path);
    // A relative path out of the directory begins with two dots, too.
    return !isAbsolute(way) && way.split(sep).every((part) => !part.startsWith('.'));
  });
}

// Does not wait for the other end of a pipe, and does not follow a link that has replaced the file.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/**
 * As {@link readNamedFile}, of a path that is not resolved first. Undefined: it is no regular file, or
 * larger.
 *
 * @throws the system's error.
 */
export function readRegularFile(path: string, largest: number): string | undefined {
  // Checked before it is opened, since opening a device may have an effect.
  if (!lstatSync(path).isFile()) return undefined;
  const file = openSync(path, FLAGS);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > largest) return undefined;
    // Room for one more byte: a file that fills it is growing, or reports no size, as in /proc.
    const bytes = Buffer.allocUnsafe(stat.size + 1);
    let length = 0;
    while (length < bytes.length) {
      const got = readSync(file, bytes, length, bytes.length - length, null);
      if (got === 0) return bytes.toString('utf8', 0, length);
      length += got;
    }
    return undefined;
  } finally {
    closeSync(file);
  }
}
