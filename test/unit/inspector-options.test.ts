// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { readInspectorOptions, wordsOf } from '../../src/attach/node-options.js';

const STANDARD = {
  host: '127.0.0.1',
  port: 9229,
  isOpen: false,
  disablesSignal: false,
  isListed: true,
  hasFile: false,
};

test.each([
  [[], {}],
  [['app.js', '--port', '80'], {}],
  [['--inspect-port=9400'], { port: 9400 }],
  [['--inspect-port', '9400'], { port: 9400 }],
  [['--debug-port=0'], { port: 0 }],
  [['--inspect'], { isOpen: true }],
  [['--inspect', '8080'], { isOpen: true }],
  [['--inspect=9400'], { port: 9400, isOpen: true }],
  [['--inspect-brk=0.0.0.0:9400'], { host: '0.0.0.0', port: 9400, isOpen: true }],
  [['--inspect=[::1]:9400'], { host: '::1', port: 9400, isOpen: true }],
  [['--inspect=myhost'], { host: 'myhost', isOpen: true }],
  [['--inspect-port=localhost:9400', '--inspect'], { host: 'localhost', port: 9400, isOpen: true }],
  [['--disable-sigusr1'], { disablesSignal: true }],
  [['--inspect_port=0.0.0.0:9400'], { host: '0.0.0.0', port: 9400 }],
  [['--inspect-publish-uid=http'], {}],
  [['--inspect-publish-uid=stderr,http'], {}],
  [['--inspect-publish-uid=stderr'], { isListed: false }],
  [['--inspect-publish-uid', 'stderr'], { isListed: false }],
  [['--env-file=.env'], { hasFile: true }],
  [['--env-file-if-exists', '.env'], { hasFile: true }],
])('%j', (args, expected) => {
  expect(readInspectorOptions(args)).toEqual({ ...STANDARD, ...expected });
});

test.each([
  ['', []],
  ['  --a=1  --b ', ['--a=1', '--b']],
  ['"--inspect-port=0.0.0.0:9400"', ['--inspect-port=0.0.0.0:9400']],
  ['--require="a b\\"c" --d', ['--require=a b"c', '--d']],
])('NODE_OPTIONS: %s', (text, expected) => {
  expect(wordsOf(text)).toEqual(expected);
});
