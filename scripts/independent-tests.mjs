// SPDX-License-Identifier: MIT
// The tests of what does not depend on V8: pure logic, the command line, file formats, damaged input,
// other people's libraries.
export const INDEPENDENT = [
  'test/{cli,exporters,html,unit}/**',
  'test/process/{handler,handler-access,live-stream,loggers,metrics,package,pusher}.test.ts',
  'test/process/{replaced,services,suspects}.test.ts',
  'test/torture/fuzz.test.ts',
];
