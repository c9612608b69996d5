import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/install/**', 'node_modules/**'],
    pool: 'forks',
    maxWorkers: '100%',
    maxConcurrency: 3,
    execArgv: ['--expose-gc'],
    tags: [{ name: 'tools', description: 'asks a program of others: see test/support/tools.ts' }],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
