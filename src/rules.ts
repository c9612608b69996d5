// SPDX-License-Identifier: MIT
// Types of options: which values are valid in code, and as text in the environment, on a command
// line and in a query. options.ts has the options themselves.
import { shown, TracemallocError } from './errors.js';

/** The rule of one option, for all places where it can be given. */
export interface Rule<T> {
  readonly default: T;
  /** Valid values in code, for messages. */
  readonly expects: string;
  /** Returns the value, or undefined if it is not valid. */
  readonly accept: (given: unknown) => T | undefined;
  readonly text: TextRule<T>;
}

/** The rule for the option as text. */
export interface TextRule<T> {
  readonly default: string;
  readonly expects: string;
  readonly parse: (text: string) => T | undefined;
}

export type Rules<T> = { readonly [K in keyof T]-?: Rule<T[K]> };

/** From `least` to `most`, both included. */
export function integer(limits: { least: number; most: number; standard: number }): Rule<number> {
  const { least, most, standard } = limits;
  const accept = (given: unknown) =>
    Number.isInteger(given) && Number(given) >= least && Number(given) <= most
      ? Number(given)
      : undefined;
  return {
    default: standard,
    expects: `an integer from ${least} to ${most}`,
    accept,
    text: {
      default: String(standard),
      expects: `a number from ${least} to ${most}`,
      parse: (text) => (/^\d+$/.test(text) ? accept(Number(text)) : undefined),
    },
  };
}

/**
 * A number of bytes, from 1 to what 31 bits hold, or a text such as `64KiB`. `KB` is not accepted,
 * since it means 1000 bytes to some people and 1024 to others. Or `'auto'`, the default.
 */
export function bytesOrAuto(): Rule<number | 'auto'> {
  const parse = (text: string) => (text === 'auto' ? text : parseBytes(text));
  const expects =
    "'auto', or a size such as 65536 (bytes), 64KiB or 0.5MiB, at least 1 and less than 2 GiB";
  return {
    default: 'auto',
    expects,
    accept: (given) =>
      typeof given === 'number'
        ? bytesInRange(given)
        : parse(typeof given === 'string' ? given : ''),
    text: { default: 'auto', expects, parse },
  };
}

/** As {@link bytesOrAuto}, without `'auto'`. */
export function bytes(standard: string): Rule<number> {
  const expects = 'a size such as 1048576 (bytes), 512KiB or 64MiB, less than 2 GiB';
  return {
    default: parseBytes(standard) as number,
    expects,
    accept: (given) =>
      typeof given === 'number'
        ? bytesInRange(given)
        : parseBytes(typeof given === 'string' ? given : ''),
    text: { default: standard, expects, parse: parseBytes },
  };
}

/**
 * A limit of a process's memory: bytes, a text such as `2GiB`, `'auto'` (the default), or 0 for no
 * limit.
 */
export function limitOrAuto(): Rule<number | 'auto'> {
  const inRange = (value: number) =>
    value >= 0 && Number.isSafeInteger(value) ? value : undefined;
  const parse = (text: string) => {
    const value = text === 'auto' ? text : bytesOf(text);
    return typeof value === 'number' ? inRange(value) : value;
  };
  const expects = "'auto', 0, or a size such as 536870912 (bytes), 512MiB or 2GiB";
  return {
    default: 'auto',
    expects,
    accept: (given) =>
      typeof given === 'number' ? inRange(given) : parse(typeof given === 'string' ? given : ''),
    text: { default: 'auto', expects, parse },
  };
}

/** Whole numbers from 1 to 99, in ascending order; as text, separated by commas. */
export function percents(standard: readonly number[]): Rule<readonly number[]> {
  const accept = (given: unknown) =>
    Array.isArray(given) &&
    given.length > 0 &&
    given.every((each, i) => Number.isInteger(each) && each > (given[i - 1] ?? 0) && each < 100)
      ? (given as readonly number[])
      : undefined;
  return {
    default: standard,
    expects: 'an array of whole numbers from 1 to 99 in ascending order',
    accept,
    text: {
      default: standard.join(','),
      expects: `percentages in ascending order, such as ${standard.join(',')}`,
      parse: (text) =>
        accept(text.split(',').map((each) => (/^\s*\d+\s*$/.test(each) ? Number(each) : 0))),
    },
  };
}

function bytesInRange(value: number | undefined): number | undefined {
  return value !== undefined && value >= 1 && value <= 0x7fffffff ? value : undefined;
}

function parseBytes(text: string): number | undefined {
  return bytesInRange(bytesOf(text));
}

function bytesOf(text: string): number | undefined {
  const units = { b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 };
  const [, number, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.round(Number(number) * units[unit.toLowerCase() as keyof typeof units]);
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1e3, mb: 1e6, gb: 1e9 },
  ...{ kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
};

/**
 * How much memory a test may take: a number of bytes, or a text with a unit, where `MB` is 10⁶
 * bytes, as for disks and networks, and `MiB` 2²⁰.
 */
export function amount(standard: string): Rule<number> {
  const inRange = (value: number) =>
    value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
  const parse = (text: string) => {
    const [, number, unit = 'B'] =
      /^(\d+(?:\.\d+)?)\s*(B|[KMG]B|[KMG]iB)?$/i.exec(text.trim()) ?? [];
    if (number === undefined) return undefined;
    return inRange(Math.round(Number(number) * (UNITS[unit.toLowerCase()] as number)));
  };
  const expects = "a size such as 1000000 (bytes), '50 MB' or '64 KiB'";
  return {
    default: parse(standard) as number,
    expects,
    accept: (given) =>
      typeof given === 'number' ? inRange(given) : parse(typeof given === 'string' ? given : ''),
    text: { default: standard, expects, parse },
  };
}

export function flag(standard: boolean): Rule<boolean> {
  return {
    default: standard,
    expects: 'a boolean',
    accept: (given) => (typeof given === 'boolean' ? given : undefined),
    text: {
      default: String(Number(standard)),
      expects: '0 or 1',
      parse: (text) => (/^0*[01]$/.test(text) ? Number(text) === 1 : undefined),
    },
  };
}

/** An object that only code can give; by default none. */
export function objectOf<T extends object>(expects: string): Rule<T | undefined> {
  return {
    default: undefined,
    expects,
    accept: (given) => (typeof given === 'object' && given !== null ? (given as T) : undefined),
    text: { default: '', expects, parse: () => undefined },
  };
}

/** One of `words`; the first is the default. */
export function word<const W extends string>(words: readonly [W, ...W[]]): Rule<W> {
  const accept = (given: unknown) => words.find((known) => known === given);
  return {
    default: words[0],
    expects: either(words.map((known) => `'${known}'`)),
    accept,
    text: { default: words[0], expects: either(words), parse: accept },
  };
}

/** At least one of `words`, in their order; all by default. As text, separated by commas. */
export function someOf<const W extends string>(words: readonly W[]): Rule<readonly W[]> {
  const accept = (given: unknown) =>
    Array.isArray(given) && given.length > 0 && given.every((each) => words.includes(each))
      ? (given as readonly W[])
      : undefined;
  return {
    default: words,
    expects: `a non-empty array of ${words.map((known) => `'${known}'`).join(' and ')}`,
    accept,
    text: {
      default: words.join(','),
      expects: `${words.join(', ')} or ${words.join(',')}`,
      parse: (text) => {
        const given = text.split(',').map((each) => each.trim());
        const known = words.filter((each) => given.includes(each));
        return known.length === new Set(given).size ? accept(known) : undefined;
      },
    },
  };
}

/**
 * Milliseconds that a timer can wait, 10 and more, or a text such as `10s`, `500ms`, `5m`, `1h`;
 * within narrower limits, if they are given.
 */
export function duration(
  standard: string,
  limits: { readonly least?: string; readonly most?: string } = {},
): Rule<number> {
  const { least = '10ms', most } = limits;
  const longest = most === undefined ? 0x7fffffff : Number(millisecondsOf(most));
  const inRange = (value: number | undefined) => {
    const milliseconds = Math.round(value ?? Number.NaN);
    return milliseconds >= Number(millisecondsOf(least)) && milliseconds <= longest
      ? milliseconds
      : undefined;
  };
  const parse = (text: string) => inRange(millisecondsOf(text));
  const bounds = Object.entries(limits).map(([bound, time]) => `, at ${bound} ${time}`);
  return {
    default: Number(parse(standard)),
    expects: `a time such as '10s', '500ms' or 60000 (milliseconds), from ${least} to ${most ?? '24 days'}`,
    accept: (given) =>
      typeof given === 'number' ? inRange(given) : parse(typeof given === 'string' ? given : ''),
    text: {
      default: standard,
      expects: `a time such as 60s, 500ms, 5m, 1h${bounds.join('')}`,
      parse,
    },
  };
}

function millisecondsOf(text: string): number | undefined {
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * units[unit as keyof typeof units];
}

/**
 * The value of one option given in code, or its default.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function checkOption<T>(name: string, rule: Rule<T>, given: unknown): T {
  return given === undefined ? rule.default : requireOption(name, rule, given);
}

/** The same for an option without a default, which must be given. */
export function requireOption<T>(name: string, rule: Rule<T>, given: unknown): T {
  const value = rule.accept(given);
  if (value !== undefined) return value;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `${name} must be ${rule.expects}, not ${shown(given)}`,
  );
}

/**
 * Checks what a caller gave and fills in defaults.
 *
 * @throws TracemallocError ERR_INVALID_OPTION for unknown keys, wrong types and values out of
 *   range.
 */
export function checkOptions<T>(
  rules: Rules<T>,
  given: unknown,
  expected = 'an object',
): Required<T> {
  const options = asObject(given, expected) as Readonly<Record<string, unknown>>;
  requireKnownOptions(options, Object.keys(rules));
  return Object.fromEntries(
    Object.entries<Rule<unknown>>(rules).map(([key, rule]) => [
      key,
      checkOption(key, rule, options[key]),
    ]),
  ) as Required<T>;
}

/**
 * Checks the keys only, for functions that check the values themselves: a misspelt `tokens` must
 * not disable access control.
 *
 * @throws TracemallocError ERR_INVALID_OPTION unless it is an object with keys of these only.
 */
export function requireKnownOptions(given: unknown, known: readonly string[]): void {
  const unknown = Object.keys(asObject(given, 'an object')).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `unknown option ${shown(unknown)}; the known ones are ${known.join(', ')}`,
  );
}

function asObject(given: unknown, expected: string): object {
  if (given === undefined) return {};
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `options must be ${expected}, not ${shown(given)}`,
  );
}

function either(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
