// Tests of the packed tarball as users install it: `npm run test:install`. Not part of `npm test`,
// since they fetch the clients from the registry, and run every supported Node themselves.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/install/*.test.ts'],
    globalSetup: 'test/install/setup/pack.ts',
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
