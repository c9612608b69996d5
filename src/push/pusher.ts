// SPDX-License-Identifier: MIT
// Pushes profiles to Grafana Pyroscope or an OpenTelemetry collector. It does not keep the process alive, and a server
// that is slow, gone or full costs the service a bounded number of profiles in memory.
import { OPTIONS } from '../options.js';
import { checkOption, requireKnownOptions } from '../rules.js';
import { writeNote } from '../service/stderr.js';
import { type Change, watch } from '../service/watch.js';
import { otlpRequest } from './otlp.js';
import { type PostRequest, post, RefusedError } from './post.js';
import { pyroscopeRequest } from './pyroscope.js';

const { setTimeout: delay } = process.getBuiltinModule('node:timers/promises');

/** What every pusher accepts. */
export interface PusherOptions {
  /**
   * The server's URL, such as `http://pyroscope:4040` or `http://collector:4318`; `/ingest` is
   * added, or `/v1development/profiles`.
   */
  readonly url: string | URL;
  /**
   * What the server takes: `'pyroscope'` (default), or `'otlp'`: OpenTelemetry profiles over HTTP, by
   * the schema of opentelemetry-proto v1.11.0, which is alpha.
   */
  readonly protocol?: 'pyroscope' | 'otlp';
  /**
   * The application's name: in Pyroscope letters, digits and `_ - . /`, in OTLP the attribute
   * `service.name`.
   */
  readonly application: string;
  /** Time between two profiles, such as `'15s'`, or milliseconds. Default `'60s'`. */
  readonly every?: string | number;
  /** For Pyroscope, values without `,` and `}`; in OTLP, attributes of the resource. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Sent with each request: `Authorization`, or `X-Scope-OrgID` for a tenant. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Time limit of one attempt. Default `'10s'`. */
  readonly timeout?: string | number;
  /** Profiles that wait for the server; then the oldest is dropped. 1 to 1000; default 10. */
  readonly queue?: number;
  /** Called with each failure. Default: the first of consecutive failures is a line on stderr. */
  readonly onError?: (error: Error) => void;
}

/** The state of a pusher. */
export interface PusherStatus {
  /** Profiles delivered. */
  readonly pushed: number;
  /** Profiles dropped: the queue was full, the server rejected them, or they could not be encoded. */
  readonly dropped: number;
  /** Profiles waiting, including the one being sent. */
  readonly queued: number;
  /** Attempts to encode or to send that have failed since the last delivery. */
  readonly failures: number;
}

/** Sends snapshots until it is stopped. */
export interface Pusher {
  /** The state so far. */
  status(): PusherStatus;
  /** Ends at once; waiting profiles are dropped. Idempotent. */
  stop(): void;
}

const REQUESTS = { pyroscope: pyroscopeRequest, otlp: otlpRequest } as const;

const KNOWN = [
  ...['url', 'protocol', 'application', 'every', 'labels', 'headers', 'timeout', 'queue'],
  'onError',
];
const FIRST_BACKOFF_MS = 1000;
const LAST_BACKOFF_MS = 5 * 60_000;

/** See late.ts. */
export function createPusher(options: PusherOptions): Pusher {
  requireKnownOptions(options, KNOWN);
  return new ProfilePusher(options);
}

class ProfilePusher implements Pusher {
  readonly #options: PusherOptions;
  readonly #timeout: number;
  readonly #most: number;
  readonly #changes: AsyncIterableIterator<Change>;
  readonly #waiting: PostRequest[] = [];
  readonly #stopped = new AbortController();
  #isSending = false;
  #pushed = 0;
  #dropped = 0;
  #failures = 0;

  constructor(options: PusherOptions) {
    const protocol = checkOption('protocol', OPTIONS.protocol, options?.protocol);
    const requestOf = REQUESTS[protocol](options);
    this.#options = options;
    this.#timeout = checkOption('timeout', OPTIONS.sendTimeout, options.timeout);
    this.#most = checkOption('queue', OPTIONS.queue, options.queue);
    this.#changes = watch({ every: checkOption('every', OPTIONS.every, options.every) });
    this.#collect(requestOf).catch((error) => this.#tell(error));
  }

  status(): PusherStatus {
    return {
      pushed: this.#pushed,
      dropped: this.#dropped,
      queued: this.#waiting.length + Number(this.#isSending),
      failures: this.#failures,
    };
  }

  stop(): void {
    this.#stopped.abort();
    this.#waiting.length = 0;
    void this.#changes.return?.();
  }

  async #collect(requestOf: ReturnType<typeof pyroscopeRequest>): Promise<void> {
    for await (const { snapshot, previous } of this.#changes) {
      // Encoded before it is queued: a snapshot is larger, and would be kept.
      const request = await requestOf(snapshot, previous).catch((error) => this.#skip(error));
      if (request === undefined) continue;
      this.#waiting.push(request);
      if (this.#waiting.length > this.#most) {
        this.#waiting.shift();
        this.#dropped++;
      }
      if (!this.#isSending) void this.#sendAll();
    }
  }

  /** A profile that can't be encoded: the next one may be. */
  #skip(error: Error): void {
    if (this.#stopped.signal.aborted) return;
    this.#dropped++;
    this.#failures++;
    this.#tell(error);
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (await this.#deliver(next)) this.#pushed++;
      else this.#dropped++;
    }
    this.#isSending = false;
  }

  /** Returns false if the profile was dropped. */
  async #deliver(request: PostRequest): Promise<boolean> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await post(request, { timeout: this.#timeout, signal });
        this.#failures = 0;
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        this.#failures++;
        this.#tell(error as Error);
        if (error instanceof RefusedError) return false;
        await this.#pause();
      }
    }
    return false;
  }

  async #pause(): Promise<void> {
    const longest = Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1));
    const wait = longest * (1 - Math.random() / 2);
    const { signal } = this.#stopped;
    try {
      await delay(wait, undefined, { ref: false, signal });
    } catch {
      // It was stopped.
    }
  }

  #tell(error: Error): void {
    const { onError } = this.#options;
    // What the callback throws becomes an uncaught exception, as with any callback.
    if (onError !== undefined) process.nextTick(onError, error);
    else if (this.#failures <= 1) writeNote(`profile not sent: ${error.message}`);
  }
}
