// The configuration of scripts/coverage.mjs. Node itself loads the modules of build/modules instead of src:
// in V8's coverage, modules that vitest loads have neither their file's offsets nor its source map.
import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import config from './vitest.config.js';

const modules = fileURLToPath(new URL('build/modules/', import.meta.url));

export default mergeConfig(config, {
  resolve: { alias: [{ find: /^(?:\.\.\/)+src\//, replacement: modules }] },
  test: {
    server: { deps: { external: [/\/build\/modules\//] } },
    setupFiles: './test/support/takes-coverage.ts',
  },
});
