// SPDX-License-Identifier: MIT
// Lines to stderr, whoever reads them or not.
import { quietly } from '../host/quietly.js';
import { plain } from '../text/plain-text.js';

const { fstatSync, writeSync } = process.getBuiltinModule('node:fs');

// Node's own way past all streams and functions that can be replaced.
const { _rawDebug: rawDebug } = process as { _rawDebug?(format: string, text: string): void };

const { from } = Buffer;
const NOTHING = from('');

/** What of a line did not fit into a pipe; the next line waits behind it. */
let rest = NOTHING;

/**
 * A closed or full stderr is no reason to disturb the service: then the line is lost, but never a
 * part of one. Never throws.
 */
export function writeLine(text: string): void {
  quietly(() => {
    if (!writeRest()) return;
    rest = from(`${text}\n`);
    writeRest();
  });
}

let lastReason: string | undefined;

/** Says what does not happen, and why; once for the same reason in a row. Never throws. */
export function complain(what: string, error: unknown): void {
  quietly(() => {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === lastReason) return;
    lastReason = reason;
    writeNote(`${what}: ${reason}`);
  });
}

/** One line about tracemalloc itself. */
export function writeNote(text: string): void {
  writeLine(`tracemalloc: ${plain(text)}`);
}

/** False: there is still some left. */
function writeRest(): boolean {
  try {
    // Not process.stderr: merely touching a stream can change how a process ends.
    while (rest.length > 0) rest = rest.subarray(writeSync(2, rest));
    return true;
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return false;
    // EPIPE, EBADF: nobody is listening. Without a number it is not the system that refuses:
    // somebody has replaced writeSync.
    const refused = rest;
    rest = NOTHING;
    if (errno === undefined) rawDebug?.('%s', refused.toString().trimEnd());
    return true;
  }
}

export function isTerminal(): boolean {
  try {
    // First what is known without loading sockets and streams.
    return fstatSync(2).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(2);
  } catch {
    return false;
  }
}
