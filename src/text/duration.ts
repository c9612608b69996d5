// SPDX-License-Identifier: MIT
// Used in browsers, too.

/** Such as `12 s`, `3 min`, `5 h`, `9 days`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 100) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

/** An age in seconds, whose tenths are not exact. */
export function formatAge(seconds: number): string {
  return seconds < 1 ? '<1 s' : formatDuration(seconds * 1000);
}

/** A mean number of garbage collections: `no GC`, `0.4 GCs`, `12 GCs`. */
export function formatCollections(collections: number): string {
  if (collections < 0.05) return 'no GC';
  const shown =
    collections < 9.95 ? collections.toFixed(1).replace('.0', '') : String(Math.round(collections));
  return `${shown} ${shown === '1' ? 'GC' : 'GCs'}`;
}
