// SPDX-License-Identifier: MIT
export * from './api.js';
// So that a default import works, too.
export * as default from './api.js';
// Once more, since "are the types wrong" does not look into `export *`.
export { start } from './api.js';
