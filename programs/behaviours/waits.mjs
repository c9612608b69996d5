// SPDX-License-Identifier: MIT
// Waits for a signal. With "handles", it handles SIGINT.
import { keep } from './keep.mjs';

if (process.argv[2] === 'handles')
  process.once('SIGINT', () => {
    console.log('ends in order');
    process.exit(130);
  });
setInterval(() => keep(10_000), 50);
console.log('ready', keep());
