// SPDX-License-Identifier: MIT
// The part of a script's name that is kept, the twin of native/core/script_name, which says why. A
// name can contain data: none of that may leave the process.

/** Bytes: the maximum length of a path. */
const LONGEST = 4096;

/** Paths and labels are kept; of other URLs than `file:` neither user, query nor fragment. */
export function scriptName(given: string): string {
  const url = asUrl(given);
  const scheme = schemeOf(url);
  const name = scheme === '' ? given : url;
  const rest = name.slice(scheme.length);
  switch (scheme.toLowerCase()) {
    case 'data:': {
      const type = /^([\w+./-]{0,64})[,;]/.exec(rest)?.[1] ?? '';
      return `data:${type},${cut(name)}`;
    }
    case 'javascript:':
      return `javascript:${cut(name)}`;
    default:
      if (scheme === '' || !rest.startsWith('//')) return boundedName(name);
  }
  const [place = ''] = rest.slice(2).split(/[?#]/, 1);
  const [host = ''] = place.split('/', 1);
  return boundedName(`${scheme}//${place.slice(host.lastIndexOf('@') + 1)}`);
}

function schemeOf(name: string): string {
  return /^[a-z][a-z\d+.-]+:/i.exec(name)?.[0] ?? '';
}

/** As the URL standard reads it: without what surrounds it, and without line breaks and tabs. */
function asUrl(name: string): string {
  return name.replace(/^[\0-\x20]+|[\0-\x20]+$|[\t\n\r]+/g, '');
}

/** An extremely long name is cut, with a number of the whole at its end. */
export function boundedName(name: string): string {
  if (name.length <= LONGEST / 3) return name;
  const bytes = Buffer.from(name);
  if (bytes.length <= LONGEST) return name;
  let end = LONGEST;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return `${bytes.toString('utf8', 0, end)}${cut(name)}`;
}

function cut(name: string): string {
  let hash = 14695981039346656037n;
  for (const byte of Buffer.from(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 1099511628211n);
  }
  const number = BigInt.asUintN(32, hash ^ (hash >> 32n));
  return `\u2026#${number.toString(16).padStart(8, '0')}`;
}
