// SPDX-License-Identifier: MIT
// Lines to stderr, whoever reads them or not.
const { fstatSync, writeSync } = process.getBuiltinModule('node:fs');

/** Of a line that did not fit into a pipe; the next line waits behind it. */
let rest = Buffer.alloc(0);

/**
 * A closed or full stderr is no reason to disturb the service: then the line is lost, but never a
 * part of one.
 */
export function writeLine(text: string): void {
  if (!writeRest()) return;
  rest = Buffer.from(`${text}\n`);
  writeRest();
}

/** False: there is still some left. */
function writeRest(): boolean {
  try {
    // Not process.stderr: merely touching a stream can change how a process ends.
    while (rest.length > 0) rest = rest.subarray(writeSync(2, rest));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    rest = Buffer.alloc(0); // EPIPE, EBADF: nobody is listening
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
