// SPDX-License-Identifier: MIT
// A report as one line of a log. Docker cuts lines at 16 KiB, and other collectors nearby, so what
// does not fit is left out, and counted.
import { plainJson, shortened } from '../text/plain-text.js';
import { inOrderOfInterest } from './ranking.js';
import type { Report, ReportSite, ReportSuspect } from './report.js';

/** Bytes: a logger's own fields, which stand around a report, have room as well. */
export const LONGEST_LINE = 15_000;

/** One line of JSON. */
export function reportLine(report: Report): string {
  return plainJson(fitted(report));
}

/** The report, or as much of it as fits into a line: what is of most interest. */
export function fitted(report: Report): Report {
  if (lengthOf(report) <= LONGEST_LINE) return report;
  const { sites, suspects, ...others } = withoutLongNames(report);
  const counts = { omittedSites: sites.length, omittedSuspects: suspects.length };
  const room = LONGEST_LINE - lengthOf({ ...others, ...counts, sites: [], suspects: [] });
  const keptSuspects = whatFits(suspects, room / 2, withoutRetainers);
  const first = sites.filter((row) => suspects.some((suspect) => isSame(suspect, row)));
  const shown = inOrderOfInterest(sites, sites.length, first).map(withShortTraceback);
  const keptSites = whatFits(shown, room - lengthOf(keptSuspects));
  return {
    ...others,
    sites: keptSites.sort((a, b) => b.size - a.size),
    ...omitted('omittedSites', sites.length - keptSites.length),
    suspects: keptSuspects,
    ...omitted('omittedSuspects', suspects.length - keptSuspects.length),
  };
}

function lengthOf(value: unknown): number {
  return Buffer.byteLength(plainJson(value));
}

/** Only a program that wants to be seen has such names. */
function withoutLongNames(report: Report): Report {
  return JSON.parse(JSON.stringify(report), (key, value) =>
    typeof value === 'string' && key !== 'msg' ? shortened(value) : value,
  );
}

/** @param shorter - what to try of a row that does not fit. */
function whatFits<T>(rows: readonly T[], room: number, shorter = (_: T): T[] => []): T[] {
  let left = room;
  const fits = (row: T) => {
    const length = lengthOf(row) + 1; // a comma
    if (length > left) return false;
    left -= length;
    return true;
  };
  return rows.flatMap((row) => (fits(row) ? [row] : shorter(row).filter(fits)));
}

function withoutRetainers({ retainers, ...suspect }: ReportSuspect): ReportSuspect[] {
  return retainers === undefined ? [] : [suspect];
}

function isSame(suspect: ReportSuspect, row: ReportSite): boolean {
  const keys = ['site', 'function', 'domain'] as const;
  return suspect.sum === undefined && keys.every((key) => suspect[key] === row[key]);
}

/** Without the oldest frames, so that a line has room for several rows. */
function withShortTraceback(row: ReportSite): ReportSite {
  const { traceback } = row;
  if (traceback === undefined) return row;
  let room = LONGEST_LINE / 8;
  const excess = traceback.findLastIndex((frame) => {
    room -= lengthOf(frame) + 1;
    return room < 0;
  });
  return {
    ...row,
    traceback: traceback.slice(excess + 1),
    ...omitted('omittedFrames', excess + 1),
  };
}

function omitted<K extends string>(key: K, count: number): { [P in K]?: number } {
  return count === 0 ? {} : ({ [key]: count } as { [P in K]: number });
}
