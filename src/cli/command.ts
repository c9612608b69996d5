// SPDX-License-Identifier: MIT
// Definition of a subcommand: one table of its options serves parsing, checking and help.
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Option {
  /** Shown in help in place of the value; undefined: a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly meaning: string;
  /** As shown in help; it is parsed and used when the option is not given. */
  readonly default?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly expects?: string;
  /** Undefined: not a valid value. */
  readonly parse?: (text: string) => unknown;
}

export type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> = O extends { value: string }
  ? O extends { parse: (text: string) => infer T }
    ? NonNullable<T>
    : string
  : boolean;

export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends { multiple: true }
    ? readonly Value<O[K]>[]
    : O[K] extends { value: string; default?: undefined }
      ? Value<O[K]> | undefined
      : Value<O[K]>;
};

export interface Command<O extends Options = Options> {
  readonly name: string;
  readonly summary: string;
  /** Such as `OLD NEW`, for help. */
  readonly operands: string;
  /** How many operands there may be; `most` may be Infinity. */
  readonly arity: readonly [least: number, most: number];
  /** True: options end at the first operand; what follows are its own arguments. */
  readonly stopsAtOperand?: boolean;
  readonly options: O;
  readonly examples: readonly string[];
  /** Besides 0, 1 and 2. */
  readonly exitCodes?: readonly (readonly [code: string, meaning: string])[];
  /** Returns the exit code. */
  readonly run: (values: Values<O>, operands: readonly string[]) => Promise<number>;
}

/** Wrong usage: reported in one line, with exit code 2. */
export class UsageError extends Error {}

/** Keeps the types of the options for `run`. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}

export function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** @throws UsageError */
export function parseCommand(
  command: Command,
  argv: readonly string[],
): { values: Values<Options>; operands: readonly string[] } {
  const config: Config = Object.fromEntries(
    Object.entries(command.options).map(([key, option]) => [
      flagOf(key),
      {
        type: option.value === undefined ? ('boolean' as const) : ('string' as const),
        ...(option.short === undefined ? {} : { short: option.short }),
        ...(option.multiple ? { multiple: true } : {}),
      },
    ]),
  );
  const end = command.stopsAtOperand ? firstOperand(config, argv) : argv.length;
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: argv.slice(0, end), options: config, allowPositionals: true });
  } catch (error) {
    // Only the first sentence: the second explains how to pass such a thing as an operand.
    throw new UsageError(String((error as Error).message).split(/\.\s|\n/)[0]);
  }
  const operands = [...parsed.positionals, ...argv.slice(end)];
  const [least, most] = command.arity;
  if (operands.length < least || operands.length > most) {
    throw new UsageError(
      `expected ${command.operands || 'no operands'}, not ${operands.length} operands`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(command.options)) {
    values[key] = parsedValue(flagOf(key), option, parsed.values[flagOf(key)]);
  }
  return { values: values as Values<Options>, operands };
}

type Config = NonNullable<ParseArgsConfig['options']>;

function firstOperand(config: Config, argv: readonly string[]): number {
  const { tokens } = parseArgs({
    args: [...argv],
    options: config,
    strict: false as const,
    allowPositionals: true,
    tokens: true as const,
  });
  return tokens.find(({ kind }) => kind === 'positional')?.index ?? argv.length;
}

function parsedValue(flag: string, option: Option, given: unknown): unknown {
  if (option.value === undefined) return given === true;
  if (option.multiple)
    return ((given ?? []) as string[]).map((text) => checked(flag, option, text));
  const text = (given as string | undefined) ?? option.default;
  return text === undefined ? undefined : checked(flag, option, text);
}

function checked(flag: string, { parse, expects }: Option, text: string): unknown {
  if (parse === undefined) return text;
  const value = parse(text);
  if (value === undefined) throw new UsageError(`--${flag} ${text} is not ${expects}`);
  return value;
}
