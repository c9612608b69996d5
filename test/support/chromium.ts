// SPDX-License-Identifier: MIT
// A real Chromium (Debian's package) for tests of what is looked at in a browser.
import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM } from './tools.js';

export function openChromium(): Promise<Browser> {
  return chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    // No sandbox: as root, in containers, Chromium does not start with one. Software WebGL.
    args: ['--no-sandbox', '--enable-unsafe-swiftshader'],
  });
}
