// SPDX-License-Identifier: MIT
// The stack of a call, as V8 reports it.

export type Method = (...args: never[]) => unknown;

/** What V8 says of a frame. */
export interface CallSite {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
  readonly functionName: string;
  /** SHA-256 of the script's text as UTF-8, in hexadecimal; undefined: unknown. */
  readonly scriptHash?: string | undefined;
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
      const filename = site.getFileName() ?? originOf(site);
      return {
        filename,
        line,
        column: site.getColumnNumber() ?? 0,
        functionName: site.getFunctionName() ?? '',
        // V8 computes it once for each script, and needs the text for that.
        scriptHash: /^(?:\/|file:)/.test(filename) ? site.getScriptHash?.() : undefined,
      };
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Error.prepareStackTrace = prepareStackTrace;
  }
}
