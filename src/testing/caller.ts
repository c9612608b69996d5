// SPDX-License-Identifier: MIT
// Where a test asked to be measured. The error is made much later, when that is on no stack.
import { type CallSite, callSites, type Method } from '../host/call-sites.js';
import { authoredPlace } from '../session.js';
import { KIND } from '../traces/charge.js';
import { Frame, kindOf } from '../traces/frame.js';

export interface Caller {
  /** Lines `    at ...`. */
  readonly stack: string;
  readonly site: CallSite | undefined;
}

const FRAMES = 32;

/** The caller of `above`. */
export function callerOf(above: Method): Caller {
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, above);
  const lines = typeof holder.stack === 'string' ? holder.stack.split('\n') : [];
  const sites = callSites(above, FRAMES);
  const isOwn = ({ filename, line }: CallSite) => kindOf(new Frame(filename, line)) === KIND.own;
  return {
    stack: lines.filter((line) => /^\s+at /.test(line)).join('\n'),
    site: sites.find(isOwn) ?? sites[0],
  };
}

/** `file:line` in the source, while tracing. */
export function placeOf({ site }: Caller): string {
  return site === undefined
    ? ''
    : String(authoredPlace(site) ?? new Frame(site.filename, site.line));
}

/** The error, as if it had been thrown there. */
export function thrownAt<E extends Error>(error: E, { stack }: Caller): E {
  if (stack !== '') error.stack = `${error.name}: ${error.message}\n${stack}`;
  return error;
}
