// SPDX-License-Identifier: MIT
// Masks what looks like a credential in the arguments of a command, which people and programs are
// shown. Here nothing is quoted, and a flag's value may be the next argument. In cases of doubt the
// text is masked.
import { credentialMask, isRandom, MASK, SECRET_WORD } from './credentials.js';

/** Names of secrets, in flags and variables; `key` alone may be a file's, but need not. */
const NAME = `(?:${SECRET_WORD}|(?<![a-z])(?:pw|psw|psk|key)(?![a-z]))[\\w.-]*`;

/** `--token=…`, `PGPASSWORD=…`, `Authorization: …`, `?token=…`, `{"password":…`. */
const NAMED = new RegExp(`(${NAME}["'\`\\])]*\\s*[=:]\\s*)\\S.*`, 'is');
/** `--token`, `-auth-token`, and a word that is no path: `token`. */
const FLAG = new RegExp(`^(?:-{1,2}[\\w.-]*|\\w*)${NAME}$`, 'i');
/** A file, as a program is: what follows is not its value. */
const FILE = /^[^-].*\.|\//;
/** In a title that is set by the program, all arguments are one text. */
const FLAG_IN_TITLE = new RegExp(`((?:^|\\s)-{1,2}[\\w.-]*?${NAME}\\s+)\\S.*`, 'is');

/** `-u user:password`, of curl and others; and of mysql `-ppassword`, but `-p 3000` is a port. */
const USER = /^(?:-u|--(?:proxy-)?user|--login)$/i;
const USER_IN_ONE = /((?:^|\s)(?:-u|--(?:proxy-)?user|--login)[\s=]*)[^\s:]*:\S+/gi;
const PASSWORD = /^-p$/i;
const PASSWORD_IN_ONE = /((?:^|\s)-p\s*)(?!\d{1,5}(?:\s|$))[^\s-]\S*/gi;
const PORT = /^\d{1,5}$/;

// Longer than what is shown of all; searching is quadratic at worst.
const LONGEST = 1000;

const KEY = /^(?![./])[\w+/=-]{20,}$/;

/** The arguments in their order, each without what may be a credential. */
export function maskedArguments(given: readonly string[]): string[] {
  return given.map((argument, i) => {
    const before = i === 0 ? '' : given[i - 1]!.slice(0, LONGEST);
    return isValueOf(before, argument) ? MASK : masked(argument);
  });
}

function isValueOf(flag: string, value: string): boolean {
  if (value === '' || value.startsWith('--')) return false;
  if (USER.test(flag)) return value.includes(':');
  if (PASSWORD.test(flag)) return !PORT.test(value);
  return FLAG.test(flag) && !FILE.test(flag);
}

function masked(whole: string): string {
  const argument = whole.slice(0, LONGEST);
  if (KEY.test(argument) && isRandom(argument)) return MASK;
  const shown = argument
    .replace(NAMED, `$1${MASK}`)
    .replace(FLAG_IN_TITLE, `$1${MASK}`)
    .replace(USER_IN_ONE, `$1${MASK}`)
    .replace(PASSWORD_IN_ONE, `$1${MASK}`);
  return shown
    .split('\n')
    .map((_, at, lines) => credentialMask(lines)(at))
    .join('\n');
}
