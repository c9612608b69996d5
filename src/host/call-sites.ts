// SPDX-License-Identifier: MIT
// The stack of a call, as V8 tells it.

export type Method = (...args: never[]) => unknown;

/** What V8 says of a frame. */
export interface CallSite {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
  readonly functionName: string;
}

/** Where an eval's text came from, as far as that is told by paths: a URL may be a source text. */
function originOf(site: NodeJS.CallSite): string {
  const origin = site.getEvalOrigin() ?? '';
  return /\b(?:data|javascript):|:\/\/[^)]*[?#@]/i.test(origin) ? 'eval' : origin;
}

/** The stack of whoever called `above`, innermost first, at most `limit` frames of it. */
export function callSites(above: Method, limit: number): CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: NodeJS.CallSite[] } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, above);
    return (holder.stack ?? []).flatMap((site) => {
      const line = site.getLineNumber();
      if (line === null) return []; // a builtin, which measured memory's stacks don't have either
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
