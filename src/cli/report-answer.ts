// SPDX-License-Identifier: MIT
// Reports that a service or an attached process answers. It may be another program, or malicious:
// nothing is shown as it arrives.
import { TracemallocError } from '../errors.js';
import type { Report } from '../report/report.js';
import { reportMarkdown } from '../report/report-markdown.js';
import { plainJson } from '../text/plain-text.js';
import { formatSize } from '../text/size.js';
import { MOST_JSON } from './download.js';

/** Of a ledger, which has a row for each kind of memory and each worker; a text has one a character. */
const MOST_ROWS = 10_000;

/**
 * What says that it is a report; it need not have a report's form.
 *
 * @param name - of who answers, for the message.
 * @throws TracemallocError ERR_READ_FAILED.
 */
export function parseReport(name: string, text: string): Report {
  const failure = new TracemallocError('ERR_READ_FAILED', `${name} does not answer with a report`);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw failure;
  }
  const given = answer as Report | null;
  if (given?.name !== 'tracemalloc') throw failure;
  if (Object.keys(given.ledger?.rows ?? {}).length > MOST_ROWS) throw failure;
  return given;
}

/**
 * What is made of such a report.
 *
 * @throws TracemallocError ERR_READ_FAILED if it has not the form of one.
 */
export function shownOf(name: string, show: () => string): string {
  try {
    return show();
  } catch {
    throw new TracemallocError('ERR_READ_FAILED', `${name} answers with a report that is damaged`);
  }
}

/** A report of a stream, as it is printed: on one line of JSON, or as Markdown. */
export function shownReport(name: string, text: string, format: 'json' | 'md'): string {
  const report = parseReport(name, text);
  if (format === 'json') return `${plainJson(report)}\n`;
  return shownOf(name, () => `${reportMarkdown(report)}\n\n`);
}

/**
 * The lines of a stream, without an incomplete one at its end.
 *
 * @throws (rejects) TracemallocError ERR_READ_FAILED for a line that has no end.
 */
export async function* linesOf(
  name: string,
  pieces: AsyncIterable<string>,
): AsyncGenerator<string, void> {
  let rest = '';
  for await (const piece of pieces) {
    const [first = '', ...others] = piece.split('\n');
    rest += first;
    for (const other of others) {
      yield rest;
      rest = other;
    }
    if (rest.length <= MOST_JSON) continue;
    throw new TracemallocError(
      'ERR_READ_FAILED',
      `${name} sends more than ${formatSize(MOST_JSON)} in one line, as no service does`,
    );
  }
}
