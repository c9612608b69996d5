// SPDX-License-Identifier: MIT
// What is loaded with the first call (late.ts), or when there is something to do. CommonJS, with the
// paths written out: so it loads at once, and bundlers see it.
const parts = {
  compressionStreams: (): typeof import('./compression-streams.js') =>
    require('./compression-streams.js'),
  dumpAtExit: (): typeof import('./cli/dump-at-exit.js') => require('./cli/dump-at-exit.js'),
  handler: (): typeof import('./service/handler.js') => require('./service/handler.js'),
  heapLimit: (): typeof import('./service/heap-limit.js') => require('./service/heap-limit.js'),
  literals: (): typeof import('./literals/place.js') => require('./literals/place.js'),
  processSnapshot: (): typeof import('./service/process-snapshot.js') =>
    require('./service/process-snapshot.js'),
  pusher: (): typeof import('./service/pusher.js') => require('./service/pusher.js'),
  reporter: (): typeof import('./service/reporter.js') => require('./service/reporter.js'),
};
export = parts;
