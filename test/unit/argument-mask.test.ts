// SPDX-License-Identifier: MIT
// Command lines are shown without credentials. Those below are not real, but must be hidden; what
// tells processes apart is shown.
import { expect, test } from 'vitest';
import { maskedArguments } from '../../src/files/argument-mask.js';

// Each has one word that must be masked.
test.each([
  [['--token=SECRETVALUE']],
  [['--token', 'SECRETVALUE']],
  [['--token', '-SECRETVALUE']],
  [['PGPASSWORD=SECRETVALUE', 'psql']],
  [['--password', 'SECRETVALUE']],
  [['--password', 'correct SECRETVALUE staple']],
  [['--api-key', 'SECRETVALUE']],
  [['--apiKey=SECRETVALUE']],
  [['--key', 'SECRETVALUE']],
  [['--auth-token', 'SECRETVALUE']],
  [['-token', 'SECRETVALUE']],
  [['token', 'SECRETVALUE']],
  [['-u', 'admin:SECRETVALUE']],
  [['-uadmin:SECRETVALUE']],
  [['--user=admin:SECRETVALUE']],
  [['--user', 'admin:SECRETVALUE']],
  [['-pSECRETVALUE']],
  [['-p', 'SECRETVALUE']],
  [['--db', 'postgres://admin:SECRETVALUE@db.example/main']],
  [['http://localhost/?x=1&access_token=SECRETVALUE&y=1']],
  [['-H', 'Authorization: Bearer SECRETVALUE']],
  [['-H', 'X-Api-Key: SECRETVALUE']],
  [['{"user":"a","password":"SECRETVALUE"}']],
  [['-e', "const password = 'SECRETVALUE'; listen()"]],
  [['-e', "const a = 1;\nconst password = 'SECRETVALUE';"]],
  [['worker --token SECRETVALUE']],
  [['worker --token=SECRETVALUE --more']],
  [['worker -u admin:SECRETVALUE']],
  [['worker -pSECRETVALUE']],
  [['worker --password correct SECRETVALUE staple']],
])('%j', (given) => {
  const shown = maskedArguments(['/usr/bin/node', 'server.js', ...given]);
  expect(shown.join(' ')).not.toContain('SECRETVALUE');
  expect(shown.join(' ')).toContain('***');
  expect(shown.slice(0, 2)).toEqual(['/usr/bin/node', 'server.js']);
});

test.each([
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'Kx7dQ2pT9vB4nW8sZ1mC6yR3',
])('a long random text is masked wherever it is: %s', (key) => {
  expect(maskedArguments(['node', 'server.js', key])).toEqual(['node', 'server.js', '***']);
});

test.each([
  [['node', 'server.js', '--port', '3000', '-p', '3000', '-p3001', '--user', 'www-data']],
  [['node', '--require', 'tracemalloc/register', '/srv/auth-token.js', 'serve', '--verbose']],
  [['node', '/app/node_modules/.bin/next', 'start', '--hostname', 'a.example:3000']],
  [['node', '/tmp/attach-a1B2c3/service.mjs', '--keep-alive', '--cache=12']],
  [['node', 'dist/password-reset-worker.js', 'eu-west-1', 'https://a.example/path?x=1']],
  [['PM2 v5.3.0: God Daemon (/home/app/.pm2)']],
  [['next-server (v15.1.0)']],
])('shown as it is: %j', (given) => {
  expect(maskedArguments(given)).toEqual(given);
});

test('of a very long argument only the beginning is looked at', () => {
  const [first, second] = maskedArguments([`--${'token-'.repeat(20_000)}`, 'b'.repeat(1e6)]);
  expect(first!.length).toBeLessThan(2000);
  expect(second!.length).toBeLessThan(2000);
});
