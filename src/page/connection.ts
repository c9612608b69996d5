// SPDX-License-Identifier: MIT
// A stream of messages that is opened again whenever it ends: the service restarts, the network goes.
import type { LiveMessage } from '../html/live-data.js';

export interface Listener {
  message(message: LiveMessage): void;
  /** There is nothing new, and why. */
  lost(reason: string): void;
}

const RETRY_MS = 2000;

// Without what may stand in the page's own address before the host: no request may be made with it.
const BASE = `${location.origin}${location.pathname}`;

/** Below the page's own address. */
export function address(name: string): string {
  return new URL(name, BASE).href;
}

export function connect(listener: Listener): void {
  const source = new EventSource(address('events'));
  source.onmessage = ({ data }) => listener.message(JSON.parse(data) as LiveMessage);
  source.onerror = async () => {
    listener.lost('no connection');
    // Else the browser tries again by itself. It does not where it had an answer, which it won't show.
    if (source.readyState !== EventSource.CLOSED) return;
    const reason = await reasonOf(address('events'));
    if (reason !== undefined) listener.lost(reason);
    setTimeout(() => connect(listener), RETRY_MS);
  };
}

/** Undefined: it would be answered now. */
async function reasonOf(url: string): Promise<string | undefined> {
  const enough = new AbortController();
  try {
    const response = await fetch(url, { signal: enough.signal });
    return response.ok ? undefined : (await response.text()).trim();
  } catch {
    return undefined;
  } finally {
    enough.abort();
  }
}

/** Asks the service to do something; answers when that was done, ms since the epoch. */
export async function ask(what: 'snapshot' | 'gc'): Promise<number> {
  const response = await fetch(address(what), { method: 'POST' });
  if (!response.ok) throw new Error((await response.text()).trim());
  return ((await response.json()) as { timestamp: number }).timestamp;
}
