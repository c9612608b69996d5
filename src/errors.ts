// SPDX-License-Identifier: MIT
import { plain, plainJson } from './text/plain-text.js';

/** Every code a {@link TracemallocError} can carry. Codes are stable; messages are not. */
export type ErrorCode =
  /** An option has a wrong type, is out of its range, or is unknown. */
  | 'ERR_INVALID_OPTION'
  /** An argument of a method has a wrong type or value. */
  | 'ERR_INVALID_ARGUMENT'
  /**
   * A hook of the program, such as `Module._extensions`, called this package while it was loading a
   * part of itself in the middle of other work. In `tracemalloc/testing`: a measurement was begun
   * inside the body of another. Also: the package is already attached, or another search for
   * retainers is running.
   */
  | 'ERR_BUSY'
  /** The call works only between `start()` and `stop()`. */
  | 'ERR_NOT_TRACING'
  /** Another heap sampler (DevTools, --heap-prof, an APM agent) is active in this isolate. */
  | 'ERR_SAMPLER_IN_USE'
  /** This runtime can't be traced, or not with what was asked for: lines and buffers need the addon. */
  | 'ERR_UNSUPPORTED_PLATFORM'
  /** The call works with line precision only. */
  | 'ERR_UNSUPPORTED_PRECISION'
  /** Figures arrived damaged from the addon; the next snapshot reads all of them again. */
  | 'ERR_CORRUPT_BATCH'
  /** A file can't be written; nothing of it is left behind. */
  | 'ERR_WRITE_FAILED'
  /** A file can't be read. */
  | 'ERR_READ_FAILED'
  /** A file was read, but is damaged or not a heap profile. */
  | 'ERR_INVALID_PROFILE'
  /** The tracker could not get the memory that it needs. */
  | 'ERR_OUT_OF_MEMORY'
  /** `tracemalloc/testing`: a measurement took longer than its option `timeout`. */
  | 'ERR_TIMEOUT'
  /** `tracemalloc/testing`: the memory of a line grows from run to run. */
  | 'ERR_MEMORY_GROWTH'
  /** `tracemalloc/testing`: more memory was live than the test allows. */
  | 'ERR_MEMORY_LIMIT';

/** The only kind of error this package throws on purpose. */
export class TracemallocError extends Error {
  // A field: an assignment fails where a program has frozen Error.prototype.
  /** `'TracemallocError'`. */
  override readonly name: string = 'TracemallocError';
  /** What happened, for programs. */
  readonly code: ErrorCode;

  /**
   * For this package only. Invisible characters of names in the message are escaped, also line
   * breaks: a message of several lines is given as an array of them.
   */
  constructor(code: ErrorCode, message: string | readonly string[], options?: ErrorOptions) {
    super([message].flat().map(plain).join('\n'), options);
    this.code = code;
  }
}

const NATIVE_CODES: readonly unknown[] = [
  'ERR_INVALID_ARGUMENT',
  'ERR_BUSY',
  'ERR_NOT_TRACING',
  'ERR_SAMPLER_IN_USE',
  'ERR_UNSUPPORTED_PLATFORM',
  'ERR_UNSUPPORTED_PRECISION',
  'ERR_OUT_OF_MEMORY',
] satisfies ErrorCode[];

/**
 * Runs a call into the addon, and converts the addon's errors, which are plain `Error`s with a
 * code.
 */
export function translateErrors<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message?: string };
    if (!NATIVE_CODES.includes(code)) throw cause;
    throw new TracemallocError(code as ErrorCode, message ?? '', { cause });
  }
}

/** The value as a user wrote it, kept short, for messages. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return plainJson(value.slice(0, 60));
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
