// SPDX-License-Identifier: MIT
// Source lines are shown without credentials. Those below are not real, but must be hidden; code is
// shown.
import { describe, expect, test } from 'vitest';
import { credentialMask } from '../../src/files/credentials.js';

const masked = (text: string) => {
  const lines = text.split('\n');
  const mask = credentialMask(lines);
  return lines.map((_, at) => mask(at));
};

// Each has one word that must be masked.
test.each([
  "const secret='hunter2-'+'SECRETVALUE';",
  'const password = "SECRETVALUE";',
  'let dbPassword: string = `SECRETVALUE`;',
  "config.apiKey = 'SECRETVALUE'",
  "config['api-key'] = 'SECRETVALUE'",
  "const API_KEY_PROD = 'SECRETVALUE';",
  "  password: 'SECRETVALUE',",
  '  "token": "SECRETVALUE",',
  "client.setPassword('SECRETVALUE');",
  "headers.set('Authorization', 'SECRETVALUE');",
  'headers: { authorization: `Basic SECRETVALUE` },',
  "process.env.SESSION_SECRET ?? 'SECRETVALUE'",
  "process.env['JWT_SECRET'] || 'SECRETVALUE'",
  "if (password === 'SECRETVALUE') grant();",
  "if (user.passwd != 'SECRETVALUE') deny();",
  "cookie: 'sid=SECRETVALUE',",
  "connect('postgres://admin:SECRETVALUE@db.example/main')",
  "const url = 'https://SECRETVALUE@sentry.example/4';",
  "const connectionString = 'Server=db;Pwd=SECRETVALUE';",
  "fetch('https://api.example/x?access_token=SECRETVALUE&y=1')",
  "run('mysql --password=SECRETVALUE db')",
  "const pin = 'SECRETVALUE';",
  "auth: 'SECRETVALUE'",
  "for (const each of ['SECRETVALUE', 'other']) look(each);",
])('%s', (line) => {
  expect(masked(line).join()).not.toContain('SECRETVALUE');
});

test.each([
  'AKIAIOSFODNN7EXAMPLE',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy',
  'sk_live_4eC39HqLyjWDarjtT1zdp7dc',
  'AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'npm_abcdefghij0123456789ABCDEFGHIJ012345',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  '550e8400-e29b-41d4-a716-446655440000',
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj',
  'Kx7dQ2pT9vB4nW8sZ1mC6yR3',
])('a long random text is masked, whatever its name: %s', (text) => {
  expect(masked(`const x = '${text}';`)).toEqual(["const x = '***';"]);
  expect(masked(`f({ x: "${text}" });`)).toEqual(['f({ x: "***" });']);
});

describe('text that continues from the line before', () => {
  test.each([
    "const password =\n  'SECRETVALUE';",
    "login(user,\n  token,\n  'SECRETVALUE')",
    "const secrets = [\n  'SECRETVALUE',\n  'SECRETVALUE',\n];",
    "const secret = 'a' +\n  'SECRETVALUE';",
    "const secret = first\n  || 'SECRETVALUE';",
    'const token = `\nSECRETVALUE\nSECRETVALUE\n`;',
    'const token =\n  `\nSECRETVALUE\n`;',
    'x = `\n-----BEGIN OPENSSH PRIVATE KEY-----\nSECRETVALUE\nSECRET/VALUE=\n-----END OPENSSH PRIVATE KEY-----\n`;',
  ])('%j', (text) => {
    expect(masked(text).join('\n')).not.toMatch(/SECRET\/?VALUE/);
  });

  test('is masked up to its end only', () => {
    const text =
      "const password = read();\nkeep('shown');\nlog(`a\n  in a template\n`);\nkeep('shown');";
    expect(masked(text)).toEqual(text.split('\n').map((line) => line.trim()));
  });
});

test.each([
  'cache.push({ id, name: user.name, tags: [] });',
  "import { Session } from '../components/Button2/session-store.js';",
  "const { createServer } = require('node:http');",
  'tokens.push({ type: TokenType.Identifier, start, end });',
  'const token = readToken(input);',
  'return new Map(Object.entries(translationsByLocale));',
  'getServerSideTranslationsForLocale(request, response)',
  "throw new TypeError('The argument must be a function or an object');",
  'const buffer = Buffer.alloc(1024 * 1024);',
  "res.setHeader('content-type', 'application/json; charset=utf-8');",
  'for (let i = 0; i < 10000; i++) list.push(new Array(100));',
  "if (name === 'passenger') board('bypass');",
  "const names = { 'secret-field': Field };",
])('code is unchanged: %s', (line) => {
  expect(masked(line)).toEqual([line]);
});

test('a hostile line takes little time', () => {
  for (const piece of [
    '"',
    "'\\",
    '`',
    'password=',
    'a://',
    '-----BEGIN ',
    'token"',
    'A1a',
    '=\n',
  ]) {
    const begun = process.cpuUsage().user;
    masked(piece.repeat(200_000));
    // Quadratic time in the length would be hours; linear time is milliseconds.
    expect(process.cpuUsage().user - begun).toBeLessThan(20e6);
  }
});
