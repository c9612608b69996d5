// SPDX-License-Identifier: MIT
// The arguments of a tool, by the same tables as the options of a command: as a JSON Schema for the
// client, and checked when they arrive.
import { plainJson } from '../text/plain-text.js';
import type { Option, Options, Values } from './command.js';

/**
 * A client asked for something that a tool does not do: the client gets this message, and nothing
 * happens.
 */
export class ToolError extends Error {}

export interface InputSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, object>>;
  readonly additionalProperties: false;
}

/** Numbers are those options whose help calls the value N or PID. */
export function schemaOf(inputs: Options): InputSchema {
  const properties = Object.entries(inputs).map(([key, option]) => [
    key,
    { ...typeOf(option), description: describe(option) },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

function typeOf({ value, multiple }: Option): object {
  if (value === undefined) return { type: 'boolean' };
  if (multiple) return { type: 'array', items: { type: 'string' } };
  return { type: isNumber(value) ? 'integer' : 'string' };
}

function isNumber(value: string): boolean {
  return ['N', 'PID', 'PORT'].includes(value);
}

function describe({ meaning, expects, default: standard }: Option): string {
  const limits = expects === undefined ? '' : `; ${expects}`;
  return `${meaning}${limits}${standard === undefined ? '' : ` (default ${standard})`}`;
}

/** @throws ToolError for unknown names, wrong types and values out of range. */
export function parseInputs<O extends Options>(inputs: O, given: unknown): Values<O> {
  const arguments_ = given ?? {};
  if (typeof arguments_ !== 'object' || Array.isArray(arguments_)) {
    throw new ToolError('arguments must be an object');
  }
  const unknown = Object.keys(arguments_).find((key) => !Object.hasOwn(inputs, key));
  if (unknown !== undefined) {
    const known = Object.keys(inputs).join(', ') || 'none';
    throw new ToolError(`unknown argument ${shown(unknown)}; the known ones are ${known}`);
  }
  const values = Object.entries(inputs).map(([key, option]) => [
    key,
    inputOf(key, option, (arguments_ as Record<string, unknown>)[key]),
  ]);
  return Object.fromEntries(values) as Values<O>;
}

function inputOf(key: string, option: Option, given: unknown): unknown {
  const { value, multiple, default: standard } = option;
  if (value === undefined) {
    if (given !== undefined && typeof given !== 'boolean') throw wrong(key, 'a boolean', given);
    return given === true;
  }
  if (multiple) {
    const list = given ?? [];
    if (!Array.isArray(list)) throw wrong(key, 'an array of strings', given);
    return list.map((each) => checked(key, option, each));
  }
  const wanted = given ?? standard;
  return wanted === undefined ? undefined : checked(key, option, wanted);
}

function checked(key: string, { value, parse, expects }: Option, given: unknown): unknown {
  const isText = typeof given === 'string' && given.length <= LONGEST;
  const isWhole = Number.isSafeInteger(given) && isNumber(value ?? '');
  if (!isText && !isWhole) throw wrong(key, expects ?? 'a string', given);
  const parsed = parse === undefined ? String(given) : parse(String(given));
  if (parsed === undefined) throw wrong(key, expects ?? 'valid', given);
  return parsed;
}

/** Characters of a pattern or an address. */
const LONGEST = 2048;

function wrong(key: string, expects: string, given: unknown): ToolError {
  return new ToolError(`${key} must be ${expects}, not ${shown(given)}`);
}

function shown(given: unknown): string {
  return plainJson(given ?? null).slice(0, 60);
}
