// SPDX-License-Identifier: MIT
// Which names mean this machine: what merely begins like one does not.
import { expect, test } from 'vitest';
import { isLoopback, isLoopbackName } from '../../src/host/loopback.js';

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('%s is', (address) => {
  expect(isLoopback(address)).toBe(true);
});

test.each([
  ...['127.evil.example', '127.0.0.1.evil.example', '127.0.0', '0.0.0.0', '::', '::2', ''],
  ...['10.0.0.1', 'localhost.evil.example', '[::1].evil.example', '::ffff:10.0.0.1'],
])('%s is not', (name) => {
  expect(isLoopback(name)).toBe(false);
  expect(isLoopbackName(name)).toBe(false);
});

test('names: localhost, and addresses as URLs have them', () => {
  for (const name of ['localhost', 'LOCALHOST', '[::1]', '127.0.0.1']) {
    expect(isLoopbackName(name)).toBe(true);
  }
});
