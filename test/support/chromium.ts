// SPDX-License-Identifier: MIT
// A real Chromium (Debian's package) for tests of what is looked at in a browser.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path));

export const hasChromium = executablePath !== undefined;

if (!hasChromium) {
  console.warn('SKIPPED: chromium is not installed, so nothing opens our files in a browser');
}

export function openChromium(): Promise<Browser> {
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    // No sandbox: as root, in containers, Chromium does not start with one. Software WebGL.
    args: ['--no-sandbox', '--enable-unsafe-swiftshader'],
  });
}
