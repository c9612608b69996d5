// SPDX-License-Identifier: MIT

/** Runs work that must not disturb the application: all errors are swallowed. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // This includes a stack overflow: the application must see its own, not ours.
  }
}
