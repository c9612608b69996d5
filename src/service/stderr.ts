// SPDX-License-Identifier: MIT
// Writes lines to stderr without disturbing the service.
import { quietly } from '../host/quietly.js';
import { threadId } from '../host/thread.js';
import { plain } from '../text/plain-text.js';

const { fstatSync, writeSync } = process.getBuiltinModule('node:fs');

// Node's own function that does not use streams or functions that programs can replace.
const { _rawDebug: rawDebug } = process as { _rawDebug?(format: string, text: string): void };

const { from } = Buffer;
const NOTHING = from('');

/** The part of a line that did not fit into the pipe; it is written before the next line. */
let rest = NOTHING;

/**
 * If stderr is closed or full, the whole line is lost, never a part of one, and the service is not
 * disturbed. Never throws.
 */
export function writeLine(text: string): void {
  try {
    if (isPm2Cluster()) {
      process.stderr.write(`${text}\n`);
      return;
    }
    if (!writeRest()) return;
    rest = from(`${text}\n`);
    // The program has replaced something that Buffers need.
    if (rest.length === 0) throw new TypeError();
    writeRest();
  } catch {
    quietly(() => rawDebug?.('%s', text));
  }
}

let lastReason: string | undefined;

/**
 * Writes what failed, and why; repeated equal reasons are written once, and of what only a program
 * that has replaced built-in functions can cause, the first one. Never throws.
 */
export function complain(what: string, error: unknown): void {
  quietly(() => {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    const reason = String(message ?? error);
    const kind = code === undefined ? 'built-in functions' : reason;
    if (kind === lastReason) return;
    lastReason = kind;
    writeNote(`${what}: ${reason}`);
  });
}

/** One line about tracemalloc itself. */
export function writeNote(text: string): void {
  writeLine(`tracemalloc: ${plain(text)}`);
}

/** Returns false if a part is still left. */
function writeRest(): boolean {
  try {
    // Not process.stderr: merely touching a stream can change how a process ends.
    while (rest.length > 0) rest = rest.subarray(writeSync(2, rest));
    return true;
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return false;
    // EPIPE, EBADF: stderr has no reader. An error without a number does not come from the system:
    // the program has replaced writeSync.
    const refused = rest;
    rest = NOTHING;
    if (errno === undefined) rawDebug?.('%s', refused.toString().trimEnd());
    return true;
  }
}

// There file descriptor 2 is the log of PM2 itself; it has replaced the stream's function before the
// program runs.
function isPm2Cluster(): boolean {
  return (
    process.env['exec_mode'] === 'cluster_mode' &&
    process.env['pm_id'] !== undefined &&
    threadId === 0
  );
}

export function isTerminal(): boolean {
  try {
    // Checked first without loading sockets and streams.
    return fstatSync(2).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(2);
  } catch {
    return false;
  }
}
