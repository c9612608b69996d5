// SPDX-License-Identifier: MIT
// The formats of a report.
import type { Report } from './report.js';
import { reportLine } from './report-line.js';
import { reportMarkdown } from './report-markdown.js';
import { formatReport } from './report-text.js';

/** One line of JSON, as long as a log allows; text for people; Markdown. */
export type ReportFormat = 'json' | 'text' | 'md';

const WRITERS: Readonly<Record<ReportFormat, (report: Report) => string>> = {
  json: reportLine,
  text: formatReport,
  md: (report) => `${reportMarkdown(report)}\n`,
};

/** Without the newline that ends it; Markdown ends with an empty line, since another may follow. */
export function writtenReport(report: Report, format: ReportFormat): string {
  return WRITERS[format](report);
}
