// SPDX-License-Identifier: MIT
// Programs that only start others. NODE_OPTIONS preloads into them as well as into the application
// that they start, and their reports would be mixed with its own.
const { realpathSync } = process.getBuiltinModule('node:fs');

const PACKAGES = [
  ...['npm', 'pnpm', 'yarn', '@yarnpkg/cli-dist', 'corepack', 'npm-run-all2?', 'concurrently'],
  ...['cross-env', 'env-cmd', 'dotenv-cli', 'tsx', 'nodemon', '@nestjs/cli'],
  // It runs the application in a script of its own.
  'pm2(?!/lib/ProcessContainer)',
];
const MAIN_SCRIPT = new RegExp(
  `(?:/node_modules/(?:${PACKAGES.join('|')})/(?!.*/node_modules/)|/\\.yarn/releases/yarn-)`,
);

/** Whether a program of that main script only starts others. */
export function isLauncher(script: string | undefined): boolean {
  if (script === undefined) return false;
  try {
    return MAIN_SCRIPT.test(realpathSync(script).replaceAll('\\', '/')); // PATH has links to them
  } catch {
    return false; // `node -e`, or a name without its extension
  }
}
