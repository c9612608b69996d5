// SPDX-License-Identifier: MIT
// A `file:` URL means its path, as a filename and as a shell pattern.
const { fileURLToPath } = process.getBuiltinModule('node:url');

/** The path that a filename means. A URL that has no path stays as it is. */
export function pathOf(filename: string): string {
  if (!filename.startsWith('file:')) return filename;
  try {
    return fileURLToPath(filename);
  } catch {
    return filename;
  }
}

/**
 * The pattern of paths that a shell pattern of URLs means. Node's own conversion would take a `?`
 * for the beginning of a query; what the URL escapes is no wildcard.
 */
export function pathPattern(pattern: string): string {
  if (!pattern.startsWith('file:///')) return pattern;
  return pattern.slice('file://'.length).replaceAll(/(?:%[\da-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped).replaceAll(/[*?[]/g, '[$&]');
    } catch {
      return escaped;
    }
  });
}
