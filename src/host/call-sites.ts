// SPDX-License-Identifier: MIT
// The stack of a call, as V8 reports it.

export type Method = (...args: never[]) => unknown;

/** What V8 says of a frame. */
export interface CallSite {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
  readonly functionName: string;
}

/** The origin of an eval's text, where it is a path: a URL may contain source text. */
function originOf(site: NodeJS.CallSite): string {
  const origin = site.getEvalOrigin() ?? '';
  return /\b(?:data|javascript):|:\/\/[^)]*[?#@]/i.test(origin) ? 'eval' : origin;
}

/** The stack of the caller of `above`, innermost first, at most `limit` frames of it. */
export function callSites(above: Method, limit: number): CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: NodeJS.CallSite[] } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, above);
    return (holder.stack ?? []).flatMap((site) => {
      const line = site.getLineNumber();
      if (line === null) return []; // a builtin: sampled stacks don't have these either
      return {
        filename: site.getFileName() ?? originOf(site),
        line,
        column: site.getColumnNumber() ?? 0,
        functionName: site.getFunctionName() ?? '',
      };
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}
