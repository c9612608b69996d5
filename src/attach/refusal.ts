// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';

/** Why a process is not attached to: one sentence without its full stop. */
export class AttachRefusal extends Error {
  /** It may be otherwise in a moment. */
  readonly isPassing: boolean;

  constructor(
    message: string,
    { isPassing = false, ...options }: ErrorOptions & { isPassing?: boolean } = {},
  ) {
    super(message, options);
    this.isPassing = isPassing;
  }
}

const PASSING_MS = 3000;
const POLL_MS = 20;

/** Calls `check` until it succeeds, or has refused for three seconds, or for what does not pass. */
export async function whenReady<T>(check: () => T, signal?: AbortSignal): Promise<T> {
  const until = performance.now() + PASSING_MS;
  for (;;) {
    try {
      return check();
    } catch (error) {
      const isPassing = error instanceof AttachRefusal && error.isPassing;
      if (!isPassing || signal?.aborted || performance.now() > until) throw error;
      await delay(POLL_MS);
    }
  }
}
