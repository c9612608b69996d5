// SPDX-License-Identifier: MIT
// Output of the CLI, its formats and its colours.
import type { WriteStream } from 'node:tty';
import { TracemallocError } from '../errors.js';
import { writeWhole } from '../files/whole-file.js';
import { OPTIONS } from '../options.js';

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39] } as const;

export type Style = keyof typeof CODES;

/** For commands that show something. */
export const FORMAT = {
  format: {
    value: 'FORMAT',
    meaning: 'text, or md: Markdown for programs that read it, and for issues',
    ...OPTIONS.viewFormat.text,
  },
} as const;

export type Format = 'text' | 'md';

/** Colours only on a terminal that has them; NO_COLOR and FORCE_COLOR are Node's to honour. */
export function styler(
  stream: WriteStream = process.stdout,
): (style: Style, text: string) => string {
  const hasColors = stream.isTTY === true && stream.hasColors();
  return (style, text) => {
    if (!hasColors) return text;
    const [on, off] = CODES[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

/** Writes all of it to stdout; resolves when it is written. */
export function print(content: string | Uint8Array): Promise<void> {
  endQuietlyOnClosedPipe();
  return new Promise((resolve, reject) => {
    process.stdout.write(content, (error) => (error ? reject(error) : resolve()));
  });
}

/** Writes a file, completely or not at all. @throws (rejects) TracemallocError ERR_WRITE_FAILED. */
export async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, content);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new TracemallocError('ERR_WRITE_FAILED', `can't write ${path}: ${reason}`, { cause });
  }
}

let isListening = false;

/**
 * Ends the program quietly when the reader closes the pipe (`| head`); on other errors `print`
 * rejects. Called only before writing: the program that `run` starts must find its streams
 * untouched.
 */
export function endQuietlyOnClosedPipe(): void {
  if (isListening) return;
  isListening = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
  });
}
