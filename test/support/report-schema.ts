// SPDX-License-Identifier: MIT
// Validates reports by the published schema.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../src/report/report.js';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'),
);
const isIsoTime = (text: string) => new Date(text).toJSON() === text;
const validate = new Ajv2020({
  strict: true,
  allErrors: true,
  formats: { 'date-time': isIsoTime },
}).compile<Report>(schema);

/** Throws with what is wrong; the last report of a process is validated, too. */
export function assertReport(value: unknown): void {
  if (!validate(value)) throw new Error(JSON.stringify(validate.errors, null, 2));
}

export function asReport(value: unknown): Report {
  assertReport(value);
  return value as Report;
}

/** All reports among the lines; any other line throws. */
export function reportsOf(text: string): Report[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => asReport(JSON.parse(line)));
}
