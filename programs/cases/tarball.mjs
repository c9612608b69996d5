// SPDX-License-Identifier: MIT
// Creates NAME.tgz in the program's directory: a package with these files and its own scripts.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { write } from './files.mjs';

export function packTarball({ directory }, source, name) {
  const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
  cpSync(source, join(folder, 'package/files'), { recursive: true });
  write(folder, {
    'package/package.json': {
      name,
      version: '1.0.0',
      scripts: {
        install: 'node installed.js',
        postinstall: `node -e "console.error('on stderr of a script')"`,
      },
    },
    'package/installed.js': `require('node:fs').writeFileSync('installed', 'yes');
console.log('${name} is installed');
`,
  });
  const target = join(directory, `${name}.tgz`);
  const same = ['--sort=name', '--mtime=2020-01-01', '--owner=0', '--group=0'];
  const { status, stderr } = spawnSync('tar', ['-czf', target, ...same, 'package'], {
    cwd: folder,
    env: { ...process.env, GZIP: '-n' },
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`tar ended with ${status}: ${stderr}`);
}
