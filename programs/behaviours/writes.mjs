// SPDX-License-Identifier: MIT
// Writes until its reader is gone.
import { keep } from './keep.mjs';

process.stdout.on('error', ({ code }) => {
  console.error(code, keep(10));
  process.exit(5);
});
for (;;) {
  if (!process.stdout.write(`${'line '.repeat(1000)}\n`))
    await new Promise((resolve) => process.stdout.once('drain', resolve));
}
