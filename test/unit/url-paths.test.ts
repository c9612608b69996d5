// SPDX-License-Identifier: MIT
// A path that is added to a user's URL stays a path of its host.
import { expect, test } from 'vitest';
import { profileUrl } from '../../src/cli/input.js';
import { serviceOf } from '../../src/cli/mcp-targets.js';
import { endpointOf } from '../../src/push/window.js';

const PATHS = ['//192.0.2.2:4812', '/a/..//192.0.2.2', '//', '/\\192.0.2.2', '/a//192.0.2.2/'];

test.each(PATHS)('http://127.0.0.1:4811%s', (path) => {
  const given = `http://127.0.0.1:4811${path}`;
  const origin = 'http://127.0.0.1:4811';
  expect(profileUrl(given).origin).toBe(origin);
  expect(endpointOf(given, { path: '/ingest', example: '' }).origin).toBe(origin);
});

test.each(PATHS.slice(0, -1))('an assistant may not ask for the path %s', (path) => {
  const hosts = [{ hostname: '127.0.0.1', port: 4811 }];
  const url = `http://127.0.0.1:4811${path}`;
  const target = { url, port: undefined, pid: undefined };
  expect(() => serviceOf(target, { hosts, token: 'secret' })).toThrow(
    'url must be an address whose path does not begin with //',
  );
});
