// SPDX-License-Identifier: MIT
// A real Chromium (Debian's package) for tests of pages.
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM } from './tools.js';

export function openChromium(): Promise<Browser> {
  return chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    // No sandbox, with which Chromium does not start as root in containers. Software WebGL.
    args: ['--no-sandbox', '--enable-unsafe-swiftshader'],
  });
}
