// SPDX-License-Identifier: MIT
// The steps of a path from an anchor to an object, and how they are written.
import { plainName } from '../text/plain-text.js';
import { formatCount } from '../text/size.js';

/**
 * How a step holds the next one: `module`: a variable of a module's top-level code; `global`: a
 * property of the global object; `engine`: tables of V8's own; `native`: native code, such as that
 * of a socket; `variable`: of a function; `function`: by the variables that it uses; `property`;
 * `element` of an array; `entry` of a Map or Set; `weak entry`: as the key of a WeakMap;
 * `prototype`; `class`: an instance holds its class; `suspended`: a local variable of a generator or
 * an async function that waits; `pending`: what is to happen once a promise is settled; `result` of
 * a promise; `bound` by `Function.prototype.bind`; `proxy`: its target or handler; `internal`: a
 * field that JavaScript has no name for; `list`: several objects of one class, one behind the other.
 * The last step is the `target`, the object itself.
 */
export type RetainerStepKind =
  | 'module'
  | 'global'
  | 'engine'
  | 'native'
  | 'variable'
  | 'function'
  | 'property'
  | 'element'
  | 'entry'
  | 'weak entry'
  | 'prototype'
  | 'class'
  | 'suspended'
  | 'pending'
  | 'result'
  | 'bound'
  | 'proxy'
  | 'internal'
  | 'list'
  | 'target';

/** In the order of the addon's numbers (native/retainers/path_steps.h). */
export const STEP_KINDS: readonly RetainerStepKind[] = [
  'module',
  'global',
  'engine',
  'native',
  'variable',
  'function',
  'property',
  'element',
  'entry',
  'weak entry',
  'prototype',
  'class',
  'suspended',
  'pending',
  'result',
  'bound',
  'proxy',
  'internal',
  'list',
  'target',
];

/** One object on a path, and how it holds the next. */
export interface RetainerStep {
  /** How it holds the next. */
  readonly kind: RetainerStepKind;
  /**
   * The name of the variable or property, as source text could have it; empty: it has none, or it
   * may be data, as keys of dictionaries are. A symbol is `Symbol(description)`.
   */
  readonly name: string;
  /** The object's class: `Array`, `Session`, `function`; empty: it is no object of JavaScript. */
  readonly type: string;
  /** The function's name; empty: anonymous, or the step is not about a function. */
  readonly functionName: string;
  /** The function's or module's file; empty: unknown. */
  readonly filename: string;
  /** Where the function begins, 1-based; 0: unknown. */
  readonly lineno: number;
}

/** One step as text. */
export function stepText(step: RetainerStep): string {
  const { kind, type } = step;
  const name = plainName(step.name);
  const key = name === '' ? '[key]' : name.startsWith('Symbol(') ? `[${name}]` : `.${name}`;
  const object = type === 'function' ? functionText(step) : plainName(type);
  switch (kind) {
    case 'module': {
      const where = step.filename === '' ? '' : ` of module ${plainName(step.filename)}`;
      return `${name === '' ? 'a variable' : `variable \`${name}\``}${where}`;
    }
    case 'global':
      return `globalThis${key}`;
    case 'engine':
      return "V8's own objects";
    case 'native':
      return 'native code';
    case 'variable':
      return name === '' ? 'a variable' : `variable \`${name}\``;
    case 'property':
      return `${object} ${key}`;
    case 'element':
      return `${object}[*]`;
    case 'entry':
      return `${object} [entry]`;
    case 'weak entry':
      return `${object}, key of an entry in a WeakMap`;
    case 'prototype':
      return `${object}, its prototype`;
    case 'class':
      return `${object}, its class`;
    case 'suspended':
      return `suspended ${functionText(step)}, a local variable`;
    case 'pending':
      return `pending ${object}`;
    case 'result':
      return `result of ${object}`;
    case 'proxy':
      return `Proxy, its ${name || 'target'}`;
    case 'internal':
      return `${object} (internal)`;
    case 'list':
      return `list of ${object}`;
    case 'bound':
    case 'function':
    case 'target':
      return object;
  }
}

function functionText({ functionName, filename, lineno }: RetainerStep): string {
  const name = functionName === '' ? 'anonymous function' : `function ${plainName(functionName)}`;
  const line = lineno === 0 ? '' : `:${formatCount(lineno)}`;
  return filename === '' ? name : `${name} (${plainName(filename)}${line})`;
}
