// SPDX-License-Identifier: MIT
// Passes reports to the loggers that services use, in the form that each expects.
import { shown, TracemallocError } from '../errors.js';
import type { Report } from '../report/report.js';
import { fitted } from '../report/report-line.js';
import { formatReport } from '../report/report-text.js';

/** The methods that all loggers have. */
export interface LoggerLike {
  /** Called with each report. */
  // biome-ignore lint/suspicious/noExplicitAny: each library has its own parameters
  info(...args: any[]): unknown;
  /** Called in its place if there is a suspect that grows. */
  // biome-ignore lint/suspicious/noExplicitAny: each library has its own parameters
  warn?(...args: any[]): unknown;
}

/** Where reports go instead of stderr: a logger or a function. */
export type Logger = LoggerLike | ((report: Report) => void);

/**
 * Returns a function that passes a report to this logger.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function loggerSink(logger: Logger): (report: Report) => void {
  if (typeof logger === 'function') return logger;
  if (typeof logger?.info !== 'function') {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `logger must be a function or an object with a method info, not ${shown(logger)}`,
    );
  }
  const log = ({ level }: Report, ...args: unknown[]) => {
    if (level === 'warn' && typeof logger.warn === 'function') logger.warn(...args);
    else logger.info(...args);
  };
  if (isConsole(logger)) return (report) => log(report, formatReport(report));
  // Under a key of its own: loggers have fields such as name, time and pid themselves.
  if (isWinston(logger)) {
    return (report) => log(report, report.msg, { tracemalloc: fitted(report) });
  }
  return (report) => log(report, { tracemalloc: fitted(report) }, report.msg);
}

function isConsole(logger: object): boolean {
  return 'table' in logger && 'groupEnd' in logger;
}

// winston takes the message first; pino, bunyan and similar loggers take the fields first.
function isWinston(logger: object): boolean {
  return 'transports' in logger && 'configure' in logger;
}
