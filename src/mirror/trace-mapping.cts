// SPDX-License-Identifier: MIT
// The library that decodes source maps. It is loaded with the first map: most services have none.
// CommonJS, with the name written out: so it loads at once, and bundlers see it.
const load = (): typeof import('@jridgewell/trace-mapping') => require('@jridgewell/trace-mapping');
export = load;
