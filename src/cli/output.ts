// SPDX-License-Identifier: MIT
// Where the CLI writes, and how it looks there.
import type { WriteStream } from 'node:tty';

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39] } as const;

export type Style = keyof typeof CODES;

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

/** To stdout, whole: resolves when it is written. */
export function print(content: string | Uint8Array): Promise<void> {
  endQuietlyOnClosedPipe();
  return new Promise((resolve, reject) => {
    process.stdout.write(content, (error) => (error ? reject(error) : resolve()));
  });
}

let isListening = false;

/**
 * A reader that has seen enough (`| head`) ends the program, quietly; else `print` rejects. By who
 * writes, when he does: what `run` becomes is to find its streams untouched.
 */
export function endQuietlyOnClosedPipe(): void {
  if (isListening) return;
  isListening = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
  });
}
