// SPDX-License-Identifier: MIT
// Ends at once, in the way that its argument says.
import { keep } from './keep.mjs';

console.log(keep());
if (process.argv[2] === 'abort') process.abort();
if (process.argv[2] === 'kill') process.kill(process.pid, 'SIGKILL');
if (process.argv[2] === 'reallyExit') process.reallyExit(9);
