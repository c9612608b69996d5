// SPDX-License-Identifier: MIT
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { type AccessOptions, accessRule } from '../../src/service/access.js';

const LOCAL = { host: 'localhost:3000' };

/** The status of the refusal; undefined: let in. */
async function refusal(
  remoteAddress: string | undefined,
  headers: object = LOCAL,
  options: AccessOptions = {},
): Promise<number | undefined> {
  const request = { socket: { remoteAddress }, headers } as IncomingMessage;
  return (await accessRule(options)(request))?.status;
}

test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])(
  '%s is this machine',
  async (a) => {
    expect(await refusal(a)).toBeUndefined();
  },
);

test.each(['10.0.0.7', '::ffff:10.0.0.7', '1127.0.0.1', '127.0.0.1.evil', 'fe80::1', undefined])(
  '%s is not, whatever it says of itself',
  async (address) => {
    expect(await refusal(address)).toBe(403);
    expect(await refusal(address, { ...LOCAL, 'x-forwarded-for': '127.0.0.1' })).toBe(403);
  },
);

test.each(['127.0.0.1:80', '127.0.0.1', '[::1]:80', 'LOCALHOST', 'localhost:'])(
  'Host %s is a name of this machine',
  async (host) => {
    expect(await refusal('127.0.0.1', { host })).toBeUndefined();
  },
);

test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '', '10.0.0.7'])(
  'Host %s is not',
  async (host) => {
    expect(await refusal('127.0.0.1', { host })).toBe(403);
  },
);

test.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])('%s: a proxy', async (name) => {
  expect(await refusal('127.0.0.1', { ...LOCAL, [name]: '127.0.0.1' })).toBe(403);
});

test('the token lets in from anywhere, and nothing else does', async () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const ask = (authorization?: string) =>
    refusal('10.0.0.7', { authorization }, { token: 's3:cret' });
  expect(await ask('Bearer s3:cret')).toBeUndefined();
  expect(await ask('bearer  s3:cret')).toBeUndefined();
  expect(await ask(basic('anyone:s3:cret'))).toBeUndefined();
  for (const wrong of [
    undefined,
    'Bearer s3',
    'Bearer',
    's3:cret',
    'Digest s3:cret',
    basic('s3:'),
  ]) {
    expect(await ask(wrong)).toBe(401);
  }
  expect(await refusal('127.0.0.1', LOCAL, { token: 's3:cret' })).toBe(401);
});

test('allow decides where there is no token; only true is yes, also when it comes later', async () => {
  const ask = (allow: unknown) =>
    refusal('10.0.0.7', LOCAL, { allow: allow as AccessOptions['allow'] });
  expect(await ask(() => true)).toBeUndefined();
  expect(await ask(async () => true)).toBeUndefined();
  expect(await ask(() => false)).toBe(403);
  expect(await ask(async () => false)).toBe(403);
  expect(await ask(() => 'yes')).toBe(403);
  expect(await refusal('127.0.0.1', LOCAL, { allow: () => false })).toBe(403);
  const both = { token: 'a', allow: () => true };
  expect(await refusal('10.0.0.7', {}, both)).toBeUndefined();
  await expect(
    ask(() => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
});

test.each([{ token: '' }, { token: 5 }, { allow: true }])('%j is refused at once', (options) => {
  expect(() => accessRule(options as AccessOptions)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
  );
});
