// SPDX-License-Identifier: MIT
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { type AccessOptions, accessRule } from '../../src/http/access.js';

const LOCAL = { host: 'localhost:3000' };

/** The status of the refusal; undefined if admitted. */
async function refusal(
  remoteAddress: string | undefined,
  headers: object = LOCAL,
  options: AccessOptions = {},
): Promise<number | undefined> {
  const server = { address: () => ({ address: '127.0.0.1', family: 'IPv4', port: 3000 }) };
  const rawHeaders = Object.entries(headers).flat();
  const request = { socket: { remoteAddress, server }, headers, rawHeaders } as object;
  return (await accessRule(options)(request as IncomingMessage))?.status;
}

test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])(
  '%s is this machine',
  async (a) => {
    expect(await refusal(a)).toBeUndefined();
  },
);

test.each(['10.0.0.7', '::ffff:10.0.0.7', '1127.0.0.1', '127.0.0.1.evil', 'fe80::1', undefined])(
  '%s is not this machine, whatever its headers say',
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

test.each([
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost.evil.example:80',
  '',
  '10.0.0.7',
  '127.999.1.1',
  '127.1',
  '0.0.0.0',
  '2130706433',
  'localhost.',
  '127.0.0.1:80@evil.example',
  'evil.example:127.0.0.1',
  '[::ffff:10.0.0.7]',
])('Host %s is not a name of this machine', async (host) => {
  expect(await refusal('127.0.0.1', { host })).toBe(403);
});

test('a request without Host, or with a second one of another machine, is refused', async () => {
  expect(await refusal('127.0.0.1', {})).toBe(403);
  expect(await refusal('127.0.0.1', { ...LOCAL, Host: 'evil.example' })).toBe(403);
});

// Headers of RFCs, nginx, Apache, HAProxy, Envoy, Traefik, IIS, and of hosted proxies and CDNs.
test.each([
  ...[
    'Forwarded',
    'Via',
    'X-Forwarded',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
  ],
  ...['X-Forwarded-Port', 'X-Forwarded-Server', 'X-Forwarded-Prefix', 'X-Forwarded-Client-Cert'],
  ...[
    'Forwarded-For',
    'X-Real-IP',
    'X-Client-IP',
    'Client-IP',
    'X-Cluster-Client-IP',
    'X-Remote-IP',
  ],
  ...[
    'X-Remote-Addr',
    'X-Originating-IP',
    'X-ProxyUser-Ip',
    'WL-Proxy-Client-IP',
    'Proxy-Client-IP',
  ],
  ...['X-Original-Forwarded-For', 'X-Original-URL', 'X-Original-Host', 'X-Rewrite-URL', 'X-Scheme'],
  ...[
    'CF-Connecting-IP',
    'CF-Connecting-IPv6',
    'CF-Ray',
    'CF-Visitor',
    'CDN-Loop',
    'True-Client-IP',
  ],
  ...['Fastly-Client-IP', 'Fly-Client-IP', 'X-Envoy-External-Address', 'X-Azure-ClientIP'],
  ...['X-Azure-SocketIP', 'X-Appengine-User-IP', 'X-Amzn-Trace-Id', 'X-Cloud-Trace-Context'],
  ...[
    'X-ARR-SSL',
    'X-Varnish',
    'X-Request-Start',
    'Tailscale-User-Login',
    'Max-Forwards',
    'Surrogate-Capability',
  ],
  ...['X_Forwarded_For', 'x-forwarded-FOR'],
])('a request with %s is refused as from a proxy', async (name) => {
  expect(await refusal('127.0.0.1', { ...LOCAL, [name]: '127.0.0.1' })).toBe(403);
  expect(await refusal('127.0.0.1', { ...LOCAL, [name]: '' })).toBe(403);
});

test('headers of browsers, curl and go tool pprof are not taken for those of a proxy', async () => {
  const sent = {
    ...{ Accept: '*/*', 'Accept-Encoding': 'gzip', 'Accept-Language': 'en', Connection: 'close' },
    ...{ Cookie: 'a=b', DNT: '1', Referer: 'http://localhost:3000/', Priority: 'u=0, i' },
    ...{ 'Sec-CH-UA-Platform': '"Linux"', 'Sec-GPC': '1', 'Upgrade-Insecure-Requests': '1' },
    ...{ 'User-Agent': 'curl/8', 'Cache-Control': 'no-cache', Pragma: 'no-cache', TE: 'trailers' },
    ...{ 'Content-Length': '0', 'Content-Type': 'text/plain', 'If-None-Match': '"x"' },
    ...{ 'Last-Event-ID': '1', Purpose: 'prefetch', 'X-Requested-With': 'x', Traceparent: '00-1' },
  };
  expect(await refusal('127.0.0.1', { ...LOCAL, ...sent })).toBeUndefined();
});

const VISIT = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

test.each([
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'http://localhost:4000' }, 403],
  [{ origin: 'http://localhost:3000' }, undefined],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 403],
  [{ 'sec-fetch-site': 'cross-site', ...VISIT, 'sec-fetch-dest': 'iframe' }, 403],
  [{ 'sec-fetch-site': 'cross-site', ...VISIT }, undefined],
  [{ 'sec-fetch-site': 'none', ...VISIT }, undefined],
  [{ 'sec-fetch-site': 'same-origin' }, undefined],
])("%j: %s, as a browser may send another site's request", async (headers, status) => {
  expect(await refusal('127.0.0.1', { ...LOCAL, ...headers })).toBe(status);
});

test('the token admits from anywhere; without it, this machine is refused, too', async () => {
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
    basic('s3cret'),
    basic('s3:cret:'),
  ]) {
    expect(await ask(wrong)).toBe(401);
  }
  expect(await refusal('127.0.0.1', LOCAL, { token: 's3:cret' })).toBe(401);
});

test('allow decides about requests without the token; only true, or a promise of it, admits', async () => {
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
