// SPDX-License-Identifier: MIT
// Its directory is removed while it runs.
import { mkdirSync, rmdirSync } from 'node:fs';
import { keep } from './keep.mjs';

mkdirSync('gone');
process.chdir('gone');
rmdirSync('../gone');
let rounds = 0;
const timer = setInterval(() => {
  console.log(keep(1000));
  if (++rounds === 4) clearInterval(timer);
}, 250);
