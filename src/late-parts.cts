// SPDX-License-Identifier: MIT
// Modules that are loaded with the first call (late.ts) or when they are first needed. This is
// CommonJS with literal paths, so that it loads synchronously and bundlers see it.
const parts = {
  compressionStreams: (): typeof import('./streams/compression-streams.js') =>
    require('./streams/compression-streams.js'),
  dumpAtExit: (): typeof import('./cli/dump-at-exit.js') => require('./cli/dump-at-exit.js'),
  handler: (): typeof import('./http/handler.js') => require('./http/handler.js'),
  heapLimit: (): typeof import('./service/heap-limit.js') => require('./service/heap-limit.js'),
  inspector: (): typeof import('./inspector/recorder-without-addon.js') =>
    require('./inspector/recorder-without-addon.js'),
  literals: (): typeof import('./literals/place.js') => {
    const part = require('./literals/place.js');
    if ('placeLiterals' in part) return part;
    // Its loading was terminated, by a time limit of `vm`, and Node keeps incomplete modules.
    const incomplete = Object.values(require.cache ?? {}).find((one) => one?.exports === part);
    for (const { id, loaded } of incomplete ? [incomplete, ...incomplete.children] : []) {
      if (!loaded) delete require.cache[id];
    }
    return require('./literals/place.js');
  },
  memoryLimit: (): typeof import('./service/memory-limit.js') =>
    require('./service/memory-limit.js'),
  processSnapshot: (): typeof import('./service/process-snapshot.js') =>
    require('./service/process-snapshot.js'),
  profile: (): typeof import('./pprof/compressed-sync.js') => require('./pprof/compressed-sync.js'),
  pusher: (): typeof import('./push/pusher.js') => require('./push/pusher.js'),
  retainers: (): typeof import('./retainers/find.js') => require('./retainers/find.js'),
  routes: (): typeof import('./labels/routes.js') => require('./labels/routes.js'),
  reporter: (): typeof import('./service/reporter.js') => require('./service/reporter.js'),
};
export = parts;
