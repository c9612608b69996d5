// SPDX-License-Identifier: MIT
// The one place that reads files which somebody else names: a dump, a server, a script, a source
// map. What such a name leads to is no reason to wait, to run out of memory, or to show what is
// nobody's business: only a regular file of an expected kind, of a bounded size, is read.
const { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } =
  process.getBuiltinModule('node:fs');
const { isAbsolute, relative, resolve, sep } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

export interface FileRules {
  /** What the name must end with. */
  readonly kinds: RegExp;
  /** Bytes. */
  readonly largest: number;
  /**
   * Where the file must lie: below one of them, and not in or below what has a name with a dot at its
   * beginning there. Undefined: anywhere, for what is never shown.
   */
  readonly roots?: readonly Root[];
}

/** A directory as it was named, and where that leads. */
export interface Root {
  readonly named: string;
  readonly real: string;
}

/** Those of the directories that exist, relative ones below the working directory. */
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
    // By its name first: to ask the system where a path leads may mount a disk or call a server.
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
    // A way out of the directory begins with two dots.
    return !isAbsolute(way) && way.split(sep).every((part) => !part.startsWith('.'));
  });
}

// Neither waits for a pipe's other end, nor follows what has become a link since.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** @throws the system's error. */
function readRegularFile(path: string, largest: number): string | undefined {
  // Looked at before it is opened, since to open a device may already do something.
  if (!lstatSync(path).isFile()) return undefined;
  const file = openSync(path, FLAGS);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > largest) return undefined;
    // Room for a byte more: what has it grows while it is read, or has no size, as in /proc.
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
