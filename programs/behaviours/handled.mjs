// SPDX-License-Identifier: MIT
// Continues after exceptions and rejections, prints the warnings it got, and ends with its own
// code.
import { keep } from './keep.mjs';

process.on('warning', (warning) => console.log('warning', warning.name));
process.on('uncaughtException', (error, origin) => console.log(origin, error.message));
process.on('unhandledRejection', (reason) => console.log('rejection', reason));
process.on('exit', (code) => {
  console.log('exit', code);
  throw new Error('at exit');
});
let rounds = 0;
process.on('beforeExit', () => {
  console.log('beforeExit', rounds);
  if (rounds++ < 3) setTimeout(keep, 5, 1000);
});
setTimeout(() => {
  throw new Error('one');
}, 5);
Promise.reject('two');
process.exitCode = 3;
