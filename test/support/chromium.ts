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

/** In an accessibility tree: how many parts can be used or read as a whole, and those without a name. */
export function namesIn(tree: string): { named: number; unnamed: string[] } {
  const parts =
    /^\s*- (button|radio|searchbox|table|group|navigation|img|region|application|link)\b/;
  const lines = tree.split('\n').filter((line) => parts.test(line));
  const unnamed = lines.filter((line) => !/^\s*- (\w+ ".|group: Help)/.test(line));
  return { named: lines.length - unnamed.length, unnamed };
}
