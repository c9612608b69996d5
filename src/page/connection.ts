// SPDX-License-Identifier: MIT
// A stream of messages that is reopened whenever it ends, when the service restarts or the network
// fails.
import type { LiveMessage, RetainersAnswer } from '../html/live-data.js';
import type { TimeSpan } from '../traces/allocation-time.js';
import type { RetainersSource } from './holders.js';

export interface Listener {
  message(message: LiveMessage): void;
  /** Called when the connection is lost, with the reason. */
  lost(reason: string): void;
}

const RETRY_MS = 2000;

// Without credentials that the page's own URL may contain: requests with them are not allowed.
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
    // While not closed, the browser retries by itself. It closes after an error response, which it
    // hides.
    if (source.readyState !== EventSource.CLOSED) return;
    const reason = await reasonOf(address('events'));
    if (reason !== undefined) listener.lost(reason);
    setTimeout(() => connect(listener), RETRY_MS);
  };
}

/** Returns the reason why a request fails; undefined: it would succeed now. */
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

/** Asks the service to do something; returns the time at which it was done, ms since the epoch. */
export async function ask(what: 'snapshot' | 'gc'): Promise<number> {
  const response = await fetch(address(what), { method: 'POST' });
  return (await answerOf<{ timestamp: number }>(response)).timestamp;
}

/** What was allocated in a span of time and lives. */
export async function allocatedIn({ since, until }: TimeSpan): Promise<LiveMessage> {
  const url = new URL(address('allocated'));
  url.searchParams.set('since', String(since));
  url.searchParams.set('until', String(until));
  return answerOf(await fetch(url));
}

async function answerOf<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error((await response.text()).trim());
  return (await response.json()) as T;
}

/** Asks the service what holds the objects of lines. */
export const service: RetainersSource = {
  knows: () => true,
  noteOn: () => '',
  async ask(lines) {
    const url = new URL(address('retainers'));
    url.searchParams.set('format', 'json');
    for (const line of lines) url.searchParams.append('site', line);
    return (await answerOf<RetainersAnswer>(await fetch(url))).sites;
  },
};
