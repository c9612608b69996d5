// SPDX-License-Identifier: MIT
// Throws an exception that is not caught.
import { keep } from './keep.mjs';

console.log(keep());
setTimeout(() => {
  throw Object.assign(new Error('nobody catches this'), { code: 'E_NOBODY', rows: [1, 2] });
}, 10);
