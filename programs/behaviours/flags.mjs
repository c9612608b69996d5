// SPDX-License-Identifier: MIT
// Changes V8's flags while it runs, as some libraries do to get gc().
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keep } from './keep.mjs';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
console.log(keep());
gc();
setFlagsFromString('--no-opt');
console.log(keep());
setFlagsFromString('--opt');
setFlagsFromString('--always-sparkplug');
console.log(keep());
gc();
setFlagsFromString('--stack-size=500');
const depth = (n) => {
  try {
    return depth(n + 1);
  } catch (error) {
    return `${error.name} ${n > 1000}`;
  }
};
console.log(depth(0), getHeapStatistics().heap_size_limit > 0);
