// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { routeOfUrl } from '../../src/labels/route-names.js';

test.each([
  ['GET', '/', 'GET /'],
  ['GET', '/users', 'GET /users'],
  ['GET', '/users/17', 'GET /users/:id'],
  ['DELETE', '/api/v2/users/17/orders/a1b2', 'DELETE /api/v2/users/:id/orders/:id'],
  ['GET', '/search?q=secret#part', 'GET /search'],
  ['GET', '//double///slashes/', 'GET /double/slashes'],
  ['GET', '/a/b/c/d/e/f/g/h', 'GET /a/b/c/d/e/f/…'],
  ['GET', '/index.html', 'GET /index.html'],
  ['GET', '/assets/main.8f3a.js', 'GET /assets/:id'],
  ['GET', '/reset/abcdefghijklmnopqrstuvwxyz', 'GET /reset/:id'],
  ['GET', '/%2e%2e/etc', 'GET /:id/etc'],
  ['GET', '/mail/ann@example.org', 'GET /mail/:id'],
  ['GET', 'http://other.example/path/5?x', 'GET /path/:id'],
  ['GET', 'http://other.example', 'GET /'],
  ['OPTIONS', '*', 'OPTIONS /'],
  ['CONNECT', 'other.example:443', 'CONNECT /'],
])('%s %s', (method, url, route) => {
  expect(routeOfUrl(method, url)).toBe(route);
});

test.each([
  [undefined, '/'],
  ['GET', undefined],
  ['G T\n', '/'],
])('no route of %s %s', (method, url) => {
  expect(routeOfUrl(method, url)).toBeUndefined();
});
