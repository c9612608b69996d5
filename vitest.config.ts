import { defineConfig } from 'vitest/config';
import { PATIENCE } from './test/support/target.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/install/**', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: '100%',
    maxConcurrency: 3,
    execArgv: ['--expose-gc'],
    setupFiles: 'test/support/emulated.ts',
    server: { deps: { external: [/\/dist\//] } }, // Node loads the built package, as for users
    tags: [{ name: 'tools', description: 'asks a program of others: see test/support/tools.ts' }],
    // Against hangs; shared machines are slow at times.
    testTimeout: 120_000 * PATIENCE,
    hookTimeout: 120_000 * PATIENCE,
  },
});
