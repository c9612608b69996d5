// SPDX-License-Identifier: MIT
// Lines to stderr, whoever reads them or not.
import { plain } from '../plain-text.js';
import { quietly } from '../quietly.js';

const { fstatSync, writeSync } = process.getBuiltinModule('node:fs');

const { from } = Buffer;
const NOTHING = from('');

/** Of a line that did not fit into a pipe; the next line waits behind it. */
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
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    rest = NOTHING; // EPIPE, EBADF: nobody is listening
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
