// SPDX-License-Identifier: MIT

/** Where the type of memory is not known. Used in browsers, too. */
export const UNKNOWN_TYPE = '(unknown type)';
