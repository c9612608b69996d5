// SPDX-License-Identifier: MIT
// The tests of what does not depend on V8: the command line, file formats, other people's libraries.
export const INDEPENDENT = [
  'test/{cli,exporters,html}/**',
  'test/process/{handler,loggers,metrics,package,pusher,services,suspects}.test.ts',
];
