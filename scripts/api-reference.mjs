// SPDX-License-Identifier: MIT
// Writes the API reference from TSDoc into docs/api; an undocumented public symbol or property is
// an error. typedoc needs TypeScript's API, which version 7 does not have.
//
//   node scripts/api-reference.mjs [--emit none]
import { register } from 'node:module';

const hooks = `export const resolve = (name, context, next) =>
  next(name === 'typescript' ? 'typescript5' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
await import('../node_modules/typedoc/dist/cli.js');
