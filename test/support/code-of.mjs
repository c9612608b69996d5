// SPDX-License-Identifier: MIT
import { TracemallocError } from '../../dist/index.js';

/**
 * The code of the error that a call throws; `OK` if it throws none.
 * @param {() => unknown} call
 * @returns {string}
 */
export function codeOf(call) {
  try {
    call();
    return 'OK';
  } catch (error) {
    return error instanceof TracemallocError ? error.code : `not ours: ${error}`;
  }
}
