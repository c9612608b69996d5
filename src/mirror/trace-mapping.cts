// SPDX-License-Identifier: MIT
// The library that decodes source maps. It is loaded with the first map: most services have none.
// This is CommonJS with a literal name, so that it loads synchronously and bundlers see it.
const load = (): typeof import('@jridgewell/trace-mapping') => require('@jridgewell/trace-mapping');
export = load;
