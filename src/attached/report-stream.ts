// SPDX-License-Identifier: MIT
// Reports to the client that asks, a line of JSON each, until it leaves.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OPTIONS } from '../options.js';
import { createReporter } from '../service/reporter.js';
import { plainJson } from '../text/plain-text.js';

export function streamReports(request: IncomingMessage, response: ServerResponse): void {
  const { searchParams: query } = new URL(request.url ?? '', 'http://localhost');
  const { every, top, keyType, frames } = OPTIONS;
  const read = <T>(
    name: string,
    { default: standard, text }: { default: T; text: { parse(text: string): T | undefined } },
  ) => text.parse(query.get(name) ?? '') ?? standard;
  const reporter = createReporter({
    every: read('every', every),
    top: read('top', top),
    keyType: read('key', keyType),
    frames: read('frames', frames),
    logger: (report) => {
      response.write(`${plainJson(report)}\n`);
    },
  });
  response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  response.on('close', () => reporter.stop());
}
