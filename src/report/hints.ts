// SPDX-License-Identifier: MIT
// What to look for where a suspect is Node's own code, which nobody can change.
import type { Site } from './site-table.js';

interface Hint {
  /** Matches `file function` of a site in Node's code, or the name of what allocated most of a site. */
  readonly where: RegExp;
  readonly hint: string;
}

const HINTS: readonly Hint[] = [
  {
    where: /_propagate|node:(internal\/)?async_(hooks|context_frame|local_storage)/,
    hint: 'stores of an AsyncLocalStorage go to everything asynchronous that begins in its run(): look for timers, sockets and promises that stay, and for storages made again and again',
  },
  {
    where: /^node:(_?http|internal\/http)/,
    hint: 'requests or responses are kept alive: look for listeners and closures that hold one, and for sockets that are not destroyed',
  },
  {
    where: /^node:(_?tls|internal\/tls|https)/,
    hint: 'TLS connections are kept alive: look for agents that are made again and again, and for sockets that are not destroyed',
  },
  {
    where: /^node:events/,
    hint: 'listeners are kept: look for on() without off(), on something that lives long',
  },
  {
    where: /^node:(timers|internal\/timers)/,
    hint: 'timers are kept: look for setInterval() without clearInterval()',
  },
  {
    where: /^node:(net|stream|_stream|internal\/streams?|internal\/stream_base_commons|dgram)/,
    hint: 'sockets or streams are kept alive: look for listeners and closures that hold one, and for streams that are not destroyed',
  },
];

/** Undefined: nothing that helps is known. */
export function hintFor({ frame, functionName, allocator }: Site): string | undefined {
  if (!frame.isInternal && allocator === undefined) return undefined;
  const name = frame.isInternal ? `${frame.filename} ${functionName}` : '';
  const known = [name, allocator ?? ''];
  return HINTS.find(({ where }) => known.some((text) => where.test(text)))?.hint;
}
