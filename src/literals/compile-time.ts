// SPDX-License-Identifier: MIT
// What V8 knows of a function when it compiles it: constants, and code that can't be reached.
import type { AnyNode, Property } from 'acorn';
import { childrenOf } from './tree.js';

export type Absent = null | undefined;

type Maybe = 'yes' | 'no' | 'maybe';

/** Whether the property sets the prototype. */
export function isPrototype(property: Property): boolean {
  return (
    !property.computed &&
    !property.shorthand &&
    !property.method &&
    nameOf(property) === '__proto__'
  );
}

/** Empty: the source does not show it. */
export function nameOf({ key }: Property): string {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : '';
}

/** Whether V8 knows the value at compile time. */
export function isConstant(node: AnyNode | Absent): Maybe {
  switch (node?.type) {
    case 'Literal':
      return 'regex' in node && node.regex ? 'no' : 'yes';
    case 'TemplateLiteral':
      return node.expressions.length === 0 ? 'yes' : 'no';
    case 'UnaryExpression': {
      const isNumber = node.argument.type === 'Literal' && typeof node.argument.value === 'number';
      if (isNumber && '-+~'.includes(node.operator)) return 'yes';
      return isConstant(node.argument) === 'no' ? 'no' : 'maybe';
    }
    case 'BinaryExpression':
      return isConstant(node.left as AnyNode) === 'no' || isConstant(node.right) === 'no'
        ? 'no'
        : 'maybe';
    case 'LogicalExpression':
      return isConstant(node.left) === 'no' ? 'no' : 'maybe';
    case 'ConditionalExpression':
      return isConstant(node.test) === 'no' ? 'no' : 'maybe';
    case 'ArrayExpression':
      return together(
        node.elements.map((element) =>
          element === null ? 'yes' : element.type === 'SpreadElement' ? 'no' : isConstant(element),
        ),
      );
    case 'ObjectExpression':
      return together(
        node.properties.map((property) => {
          if (property.type === 'SpreadElement' || property.computed) return 'no';
          if (property.kind !== 'init' || property.method) return 'no';
          const value = isConstant(property.value);
          return value === 'yes' && isPrototype(property) ? 'maybe' : value;
        }),
      );
    default:
      return 'no';
  }
}

function together(all: readonly Maybe[]): Maybe {
  if (all.includes('no')) return 'no';
  return all.includes('maybe') ? 'maybe' : 'yes';
}

/** Whether code after this statement can't be reached. */
export function leaves(node: AnyNode): Maybe {
  switch (node.type) {
    case 'ReturnStatement':
    case 'ThrowStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return 'yes';
    case 'BlockStatement':
      return node.body.some((inner) => leaves(inner) !== 'no') ? 'maybe' : 'no';
    case 'IfStatement': {
      const inner = leaves(node.consequent);
      if (isConstant(node.test) !== 'no') return 'maybe';
      if (inner === 'no' || !node.alternate) return 'no';
      return leaves(node.alternate) === 'no' ? 'no' : 'maybe';
    }
    case 'TryStatement': {
      const ends = [node.block, node.handler?.body, node.finalizer];
      return ends.some((block) => block && leaves(block) !== 'no') ? 'maybe' : 'no';
    }
    case 'WhileStatement':
    case 'DoWhileStatement':
      return isConstant(node.test) === 'no' && node.type === 'WhileStatement' ? 'no' : 'maybe';
    case 'ForStatement':
      return node.test && isConstant(node.test) === 'no' ? 'no' : 'maybe';
    case 'LabeledStatement':
    case 'SwitchStatement':
      return 'maybe';
    default:
      return 'no';
  }
}

export function holdsFunctions(node: AnyNode): boolean {
  if (/^(?:Function|ArrowFunction|Class|Method)/.test(node.type)) return true;
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier') {
    if (node.callee.name === 'eval') return true;
  }
  return childrenOf(node).some(holdsFunctions);
}
