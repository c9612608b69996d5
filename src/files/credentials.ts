// SPDX-License-Identifier: MIT
// Masks what looks like a credential in lines of source text. A credential in the code is a
// mistake, but must not become part of a report that is passed on. In cases of doubt the text is
// masked.

/** Stands for what is hidden. */
export const MASK = '***';

// Parts of identifiers, case-insensitive, whose values are secret.
export const SECRET_WORD =
  '(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credential|authorization|bearer|cookie|jwt|salt|' +
  '(?:api|access|private|auth|encryption|signing|session|master|account|storage|ssh)[-_]?key|' +
  'session[-_]?id|conn(?:ection)?[-_]?str(?:ing)?|(?<![a-z])(?:pass|pin|otp|auth|dsn)(?![a-z]))';

// Such a name that is assigned a value, compared with one, or called with one.
const SECRET_NAMED = new RegExp(
  `${SECRET_WORD}[\\w$-]*(?:["'\`\\])]|\\s)*(?:[:=(,+]|!=|\\?\\?|\\|\\||&&)`,
  'i',
);
// In the text of a string: `token=…`, `password: …`.
const SECRET_IN_TEXT = new RegExp(`(${SECRET_WORD}[\\w-]*\\s*[=:]\\s*)[^\\s&'"\`;,]+`, 'gi');

// A string that calls itself a secret: `'my-secret'`.
const SECRET_TEXT = /^\S*(?:secret|passw|credential)\S*$/i;

const STRINGS = /(["'`])((?:\\.|(?!\1)[^\\])*)(\1|$)/g;
const LONG_NUMBERS = /(?<![\w$.])\d[\d_]{3,}n?(?![\w$])/g;

// `scheme://user:password@host`.
const USER_IN_URL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/'"`@]*@/gi;

const KNOWN_KEYS = new RegExp(
  [
    '(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,}', // AWS
    '(?:gh[opsur]|github_pat)_\\w{16,}|glpat-[\\w-]{16,}',
    'xox[a-z]-[\\w-]{8,}|xapp-[\\w-]{8,}', // Slack
    '(?<![A-Za-z0-9])(?:sk|pk|rk|whsec)[-_](?=[\\w-]*\\d)[\\w-]{12,}', // Stripe, OpenAI
    'AIza[\\w-]{20,}|ya29\\.[\\w-]{12,}', // Google
    'npm_\\w{16,}|pypi-[\\w-]{16,}|SG\\.[\\w.-]{16,}|(?<![A-Za-z0-9])hf_\\w{16,}|dop_v1_\\w{16,}',
    'eyJ[\\w-]{8,}(?:\\.[\\w-]+){0,2}', // what JSON is in base64: web tokens
    '(?:Bearer|Basic)\\s+(?=\\S*[\\d=])[\\w.~+/=-]{6,}',
  ].join('|'),
  'g',
);

const LONG_HEX = /(?<![0-9a-z])(?:0x)?[0-9a-f]{32,}(?![0-9a-z])/gi;
const LONG_BASE64 = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
/** From this length on, a random text is masked even where it may be an identifier. */
const LONG_ANYWHERE = 40;
/**
 * Mean length of the pieces (words, numbers) of a text; above it are words, below it random texts.
 */
const RANDOM_PIECE = 4.5;

const BEGIN_KEY = /-----BEGIN [A-Z0-9 ]+-----/;
const END_KEY = /-----END [A-Z0-9 ]+-----/;

// The end of a line whose statement continues on the next line.
const IS_OPEN = /(?:[=([,+:?|&\\]|=>|\b(?:return|await|new))\s*$/;
const GOES_ON = /^\s*[+.?:|&)\]]/;
const MOST_IN_STATEMENT = 50;

const LONGEST_LINE = 2000;

/**
 * Returns a function from the number of a line of the file, from 0, to the line as it may be shown.
 */
export function credentialMask(lines: readonly string[]): (at: number) => string {
  const openedAt = openings(lines);
  const nameBefore = (at: number): boolean => {
    const from = Math.max(0, at - MOST_IN_STATEMENT);
    for (let i = at; i > from && (IS_OPEN.test(lines[i - 1]!) || GOES_ON.test(lines[i]!)); i--) {
      if (isNamed(lines[i - 1]!)) return true;
    }
    return false;
  };
  return (at) => {
    const line = clipped(lines[at] ?? '');
    const opened = openedAt[at] ?? CLOSED;
    if (opened === IN_KEY || BEGIN_KEY.test(line)) return MASK;
    if (opened >= 0 && (isNamed(lines[opened]!) || nameBefore(opened))) return MASK;
    return maskKeys(maskNamed(line, nameBefore(at)));
  };
}

const CLOSED = -1;
const IN_KEY = -2;

/** For each line, the line where the template begins that is still open here; or {@link IN_KEY}. */
function openings(lines: readonly string[]): Int32Array {
  let [template, isInKey] = [CLOSED, false];
  return Int32Array.from(lines, (line, at) => {
    const opened = isInKey ? IN_KEY : template;
    const isTurned = line.includes('`') && line.replace(/\\./g, '').split('`').length % 2 === 0;
    if (isTurned) template = template === CLOSED ? at : CLOSED;
    if (line.includes('-----')) isInKey = (isInKey || BEGIN_KEY.test(line)) && !END_KEY.test(line);
    return opened;
  });
}

function isNamed(line: string): boolean {
  return SECRET_NAMED.test(clipped(line));
}

function clipped(line: string): string {
  return line.trim().slice(0, LONGEST_LINE);
}

/** Masks the values of what has a secret's name, from that name on. */
function maskNamed(line: string, isNamedBefore: boolean): string {
  const named = isNamedBefore ? 0 : (SECRET_NAMED.exec(line)?.index ?? -1);
  if (named === -1) return line;
  // The name itself may be a string: `{ "token": "…" }`, `set('token', '…')`.
  const quoted = isNamedBefore ? null : /["'`][\w$-]*$/.exec(line.slice(0, named));
  const begin = quoted === null ? named : named + (/["'`]/.exec(line.slice(named))?.index ?? 0) + 1;
  const masked = line
    .slice(begin)
    .replace(STRINGS, (all, quote: string, text: string, end: string) =>
      text === '' ? all : `${quote}${MASK}${end}`,
    );
  return line.slice(0, begin) + masked.replace(LONG_NUMBERS, MASK);
}

function maskKeys(line: string): string {
  return line
    .replace(USER_IN_URL, `$1${MASK}@`)
    .replace(KNOWN_KEYS, MASK)
    .replace(
      STRINGS,
      (all, quote: string, text: string, end: string, at: number, whole: string) => {
        const isKey = /^\s*[\]:]/.test(whole.slice(at + all.length));
        if (!isKey && SECRET_TEXT.test(text)) return `${quote}${MASK}${end}`;
        const named = text.replace(SECRET_IN_TEXT, `$1${MASK}`);
        return quote + named.replace(LONG_BASE64, (run) => (isRandom(run) ? MASK : run)) + end;
      },
    )
    .replace(LONG_HEX, MASK)
    .replace(LONG_BASE64, (run) => (run.length >= LONG_ANYWHERE && isRandom(run) ? MASK : run));
}

const PIECES = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;

/** Whether a run of letters and digits is no words, as a key is. */
export function isRandom(run: string): boolean {
  const pieces = run.match(PIECES) ?? [];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return pieces.length > 1 && length / pieces.length < RANDOM_PIECE;
}
