// SPDX-License-Identifier: MIT
// What the command that attaches and the code that it loads into the process agree on.
import type { StartOptions } from '../options.js';

/** Begins the name of the socket's directory; the command finds the socket by it. */
export const DIRECTORY_PREFIX = 'tracemalloc-attach-';
export const SOCKET_NAME = 'socket';

/** Paths on the socket, besides those of `createHandler()`. */
export const PATHS = {
  /** POST, whose body is a byte now and then: tracing ends when it ends, or when it is silent. */
  lease: '/attached/lease',
  /** GET: reports, one line of JSON each, until the client leaves. */
  reports: '/attached/reports',
  /** GET: close the inspector, which the command has opened, and left. */
  closeInspector: '/attached/close-inspector',
  /** POST: end tracing, and all of this. */
  detach: '/attached/detach',
} as const;

/** The command renews the lease this often, milliseconds. */
export const RENEW_MS = 1000;
/** Without a renewal for this long the process ends the tracing by itself. */
export const LEASE_MS = 15_000;

export interface AttachOptions
  extends Pick<StartOptions, 'sampleInterval' | 'tracebackLimit' | 'routes'> {}

export interface Attached {
  /** The path of the Unix socket, as the process sees it. */
  readonly socket: string;
  readonly precision: 'line' | 'function';
  /** Why it is not by line; empty: it is. */
  readonly reason: string;
  /** The application traced already; its tracing goes on after detach. */
  readonly wasTracing: boolean;
  /** Other threads that are traced. */
  readonly workers: number;
}

/** What the injected code resolves to, as JSON. */
export type InjectionAnswer =
  | { readonly attached: Attached }
  | { readonly failure: string }
  /**
   * Another process answers, or the event loop has turned too late, or there is none yet. Nothing
   * was loaded.
   */
  | { readonly withdrawn: 'other process' | 'late' | 'early' };
