// SPDX-License-Identifier: MIT
// Throws where nobody catches.
import { keep } from './keep.mjs';

console.log(keep());
setTimeout(() => {
  throw Object.assign(new Error('nobody catches this'), { code: 'E_NOBODY', rows: [1, 2] });
}, 10);
