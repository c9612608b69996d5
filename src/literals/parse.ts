// SPDX-License-Identifier: MIT
// The syntax tree of a part of a script. V8 has already compiled it, so it is valid, and the parser
// need not check whether each construct is allowed in its context.
import { type AnyNode, type Options, Parser } from 'acorn';
import { classAround } from './tree.js';

// Most functions have a few kilobytes. Parsing longer ones would delay the event loop.
const LONGEST = 1 << 16;

class LenientParser extends Parser {
  raiseRecoverable(): void {}
  get allowDirectSuper(): boolean {
    return true;
  }
}

const OPTIONS: Options = {
  ecmaVersion: 'latest',
  allowReturnOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowAwaitOutsideFunction: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
};

/** A tree, and what to add to its positions. */
export interface Parsed {
  readonly root: AnyNode;
  readonly shift: number;
}

/**
 * Yields each way to parse the text: as the `toString()` of a function, or as a script.
 *
 * @param first - the first position that V8 has in the function. On Node 20, the text of a class's
 * own fields begins at the last of them.
 */
export function* parse(
  source: string,
  begin: number,
  end: number,
  first: number,
): Generator<Parsed> {
  if (end - begin > LONGEST) return;
  const text = source.slice(begin, end);
  if (begin === 0 && end === source.length) {
    const root = tree(text);
    if (root !== undefined) yield { root, shift: 0 };
  }
  for (const [head, tail] of [
    ['(', '\n)'],
    ['(class extends A{', '\n})'],
    // For the fields of a class, Node 22 has only the braces.
    ['(class extends A', '\n)'],
    ['({', '\n})'],
  ] as const) {
    const root = tree(head + text + tail);
    if (root === undefined) continue;
    const inner = functionIn(root) ?? fieldsIn(root);
    if (inner !== undefined) yield { root: inner, shift: begin - head.length };
  }
  if (first >= begin || source.length > LONGEST) return;
  const whole = tree(source);
  const around = whole && classAround(whole, first, end);
  if (around !== undefined) yield { root: around, shift: 0 };
}

function tree(text: string): AnyNode | undefined {
  try {
    return LenientParser.parse(text, OPTIONS);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function expressionIn(root: AnyNode): AnyNode | undefined {
  const statement = root.type === 'Program' && root.body.length === 1 ? root.body[0] : undefined;
  return statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
}

function functionIn(root: AnyNode): AnyNode | undefined {
  const expression = expressionIn(root);
  switch (expression?.type) {
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return expression;
    case 'ClassExpression': {
      const member = expression.body.body[0];
      if (expression.body.body.length !== 1 || member?.type !== 'MethodDefinition')
        return undefined;
      return member.value;
    }
    case 'ObjectExpression': {
      const property = expression.properties[0];
      if (expression.properties.length !== 1 || property?.type !== 'Property') return undefined;
      return property.value.type === 'FunctionExpression' ? property.value : undefined;
    }
    default:
      return undefined;
  }
}

function fieldsIn(root: AnyNode): AnyNode | undefined {
  const expression = expressionIn(root);
  return expression?.type === 'ClassExpression' ? expression.body : undefined;
}
