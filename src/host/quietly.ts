// SPDX-License-Identifier: MIT

/** What a guest does in somebody's process: whatever goes wrong in it stays there. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Also where the stack is at its end: the application has to see its own overflow, not ours.
  }
}
