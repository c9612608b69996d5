// SPDX-License-Identifier: MIT
// Writes the site of the documentation into build/site: docs/, the guides, and the API reference from
// TSDoc. An undocumented public symbol or property is an error, and so is a link in a document to
// what is not there. typedoc needs TypeScript's API, which version 7 does not have.
//
//   node scripts/docs-site.mjs [--out DIRECTORY]
import { register } from 'node:module';

const hooks = `export const resolve = (name, context, next) =>
  next(name === 'typescript' ? 'typescript5' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
await import('../node_modules/typedoc/dist/cli.js');
