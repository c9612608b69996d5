// SPDX-License-Identifier: MIT
// A self-contained HTML document: data, style and script of the page. The latter two are listed by
// hash in its Content-Security-Policy, so that nothing else can run or be loaded.
import { pageFile } from '../files/package-files.js';
import { plainJson } from '../text/plain-text.js';

const { readFileSync } = process.getBuiltinModule('node:fs');

export interface DocumentOptions {
  readonly title: string;
  /** A bundle of `page/`. */
  readonly script: 'report.js' | 'live.js';
  /** The contents of the element `data`, which the script reads as JSON. */
  readonly data?: object;
  /**
   * Where the page may connect to, as a source of a Content-Security-Policy; undefined: nowhere.
   */
  readonly connect?: string;
}

export interface HtmlDocument {
  readonly html: string;
  /** Its Content-Security-Policy, for a header. */
  readonly policy: string;
}

export function htmlDocument({ title, script, data, connect }: DocumentOptions): HtmlDocument {
  const [style, program] = [asset('page.css'), asset(script)];
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(program)}`,
    ...(connect === undefined ? [] : [`connect-src ${connect}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  // A `<` in the data could end the element; JSON can escape it.
  const json = data && plainJson(data).replaceAll('<', '\\u003c');
  const element =
    json === undefined ? '' : `<script type="application/json" id="data">${json}</script>\n`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page is drawn by its own script, which is switched off here.</noscript>
${element}<script>${program}</script>
</body>
</html>
`;
  return { html, policy };
}

function asset(name: string): string {
  return readFileSync(pageFile(name), 'utf8');
}

function hashOf(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
