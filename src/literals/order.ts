// SPDX-License-Identifier: MIT
// The literals of one function in the order in which V8 emits their bytecodes, each with what its
// bytecode shows of it. This is the order of evaluation, which is that of the source except in
// loops, patterns, classes and declared functions. A literal of constants inside another one is
// part of the outer one's description and has no bytecode.
import type { AnyNode, ArrayExpression, Class, ClassBody, ObjectExpression, Property } from 'acorn';
import {
  type Absent,
  holdsFunctions,
  isConstant,
  isPrototype,
  leaves,
  nameOf,
} from './compile-time.js';
import { childrenOf } from './tree.js';

/** An object that a literal creates: its own, or that of a literal of constants inside it. */
export interface Part {
  /** 'o' object, 'a' array, 'x' regular expression; empty: anything else. */
  readonly kind: string;
  readonly start: number;
  /** The names of an object's properties. */
  readonly names?: readonly string[];
  /**
   * How many elements an array has, or for how many properties an object is made; undefined: more
   * may be added after its creation.
   */
  readonly length?: number | undefined;
}

export interface Item {
  /** The letter of the bytecode (native/layout/bytecode/bytecode_kinds.h). */
  readonly letter: string;
  readonly start: number;
  /** Names that its bytecode must have, and those that it may have. */
  readonly names?: readonly string[];
  readonly mayHave?: ReadonlySet<string>;
  /** Elements before the first spread. */
  readonly length?: number;
  readonly pattern?: string;
  /** Where a function's text ends. */
  readonly end?: number;
  /** V8 may have left out its bytecode, if it is unreachable or a constant. */
  readonly isOptional: boolean;
  readonly parts: readonly Part[];
}

export class LiteralOrder {
  readonly items: Item[] = [];
  /** Ends of function expressions: their closures are created at their own position. */
  readonly functionEnds = new Set<number>();
  /** Where a class begins, by where its constructor's text ends. */
  readonly classes = new Map<number, number>();
  /**
   * Expressions for which V8 joins strings without a position of their own: templates, and `+=`.
   */
  readonly templates: { readonly start: number; readonly end: number }[] = [];
  readonly additions: { readonly start: number; readonly end: number; readonly target: number }[] =
    [];
  #optional = 0;

  /**
   * The literals of a function's parameters and body, of a script, or of the initializers of a
   * class's fields: those of the class itself, or those of its instances.
   *
   * @param at - a position that V8 has for one of them, which distinguishes the two initializers.
   */
  static of(root: AnyNode, at: number): LiteralOrder {
    const order = new LiteralOrder();
    switch (root.type) {
      case 'ClassBody':
        order.#fields(root, at);
        break;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        for (const parameter of root.params) order.#pattern(parameter);
        order.#visit(root.body);
        break;
      default:
        order.#visit(root);
    }
    return order;
  }

  #all(nodes: readonly (AnyNode | Absent)[]): void {
    for (const node of nodes) this.#visit(node);
  }

  #add(item: Omit<Item, 'isOptional' | 'parts'> & Partial<Item>): void {
    this.items.push({
      parts: [],
      ...item,
      isOptional: this.#optional > 0 || item.isOptional === true,
    });
  }

  #maybe(isOptional: boolean, visit: () => void): void {
    if (isOptional) this.#optional++;
    visit();
    if (isOptional) this.#optional--;
  }

  #visit(node: AnyNode | Absent): void {
    if (!node) return;
    switch (node.type) {
      case 'ObjectExpression':
        this.#object(node, false);
        return;
      case 'ArrayExpression':
        this.#array(node, false);
        return;
      case 'Literal':
        if ('regex' in node && node.regex) {
          this.#add({
            letter: 'x',
            start: node.start,
            pattern: node.regex.pattern,
            parts: [{ kind: 'x', start: node.start }],
          });
        }
        return;
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        this.functionEnds.add(node.end);
        this.#add({ letter: 'f', start: node.start, end: node.end });
        return;
      case 'FunctionDeclaration':
        return; // its closure is created where its scope begins
      case 'ClassDeclaration':
      case 'ClassExpression':
        this.#class(node);
        return;
      case 'TemplateLiteral':
        if (node.expressions.length > 0) {
          this.templates.push({ start: node.start, end: node.end });
        }
        this.#all(node.expressions);
        return;
      case 'TaggedTemplateExpression':
        this.#visit(node.tag);
        this.#add({ letter: 't', start: node.quasi.start });
        this.#all(node.quasi.expressions);
        return;
      case 'CallExpression':
      case 'NewExpression': {
        this.#visit(node.callee);
        const last = node.arguments.length - 1;
        // Arguments after a spread one are collected in an array.
        const spread = node.arguments.findIndex(({ type }) => type === 'SpreadElement');
        if (spread < 0 || spread === last) {
          this.#all(node.arguments);
          return;
        }
        if (spread > 0) this.#add({ letter: '[', start: -1 });
        node.arguments.forEach((argument, i) => {
          this.#visit(argument);
          if (i === 0 && spread === 0) this.#add({ letter: '[', start: -1 });
        });
        return;
      }
      case 'LogicalExpression':
        this.#visit(node.left);
        this.#maybe(isConstant(node.left) !== 'no', () => this.#visit(node.right));
        return;
      case 'ConditionalExpression':
      case 'IfStatement': {
        this.#visit(node.test);
        const isKnown = isConstant(node.test) !== 'no';
        this.#maybe(isKnown, () => this.#all([node.consequent, node.alternate]));
        return;
      }
      case 'AssignmentExpression':
        if (isPattern(node.left)) {
          this.#visit(node.right);
          this.#pattern(node.left);
          return;
        }
        if (node.operator === '+=') {
          this.additions.push({ start: node.start, end: node.end, target: node.left.end });
        }
        this.#all([node.left, node.right]);
        return;
      case 'VariableDeclarator':
        this.#visit(node.init);
        this.#pattern(node.id);
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#visit(node.right);
        this.#pattern(node.left);
        this.#visit(node.body);
        return;
      case 'ForStatement': {
        this.#visit(node.init);
        // If closures may keep an iteration's variables, each iteration begins with the update.
        const isCopied =
          node.init?.type === 'VariableDeclaration' &&
          node.init.kind !== 'var' &&
          holdsFunctions(node);
        this.#maybe(isConstant(node.test ?? undefined) !== 'no', () =>
          this.#all(
            isCopied ? [node.update, node.test, node.body] : [node.test, node.body, node.update],
          ),
        );
        return;
      }
      case 'WhileStatement':
        this.#visit(node.test);
        this.#maybe(isConstant(node.test) !== 'no', () => this.#visit(node.body));
        return;
      case 'SwitchStatement':
        this.#visit(node.discriminant);
        this.#all(node.cases.map(({ test }) => test));
        for (const { consequent } of node.cases) this.#statements(consequent);
        return;
      case 'Program':
      case 'BlockStatement':
      case 'StaticBlock':
        this.#statements(node.body);
        return;
      case 'CatchClause':
        this.#pattern(node.param);
        this.#visit(node.body);
        return;
      default:
        this.#all(childrenOf(node));
        return;
    }
  }

  #fields({ body }: ClassBody, at: number): void {
    const fields = body.filter((member) => member.type !== 'MethodDefinition');
    const isOfClass = (member: (typeof fields)[number]) =>
      member.type === 'StaticBlock' || member.static;
    const known = fields.find(({ start, end }) => start <= at && at < end);
    if (known === undefined) return;
    for (const member of fields) {
      if (isOfClass(member) !== isOfClass(known)) continue;
      this.#visit(member.type === 'StaticBlock' ? member : member.value);
    }
  }

  /** Statements after one that leaves the block are never reached. */
  #statements(nodes: readonly AnyNode[]): void {
    let isLeft = false;
    for (const node of nodes) {
      this.#maybe(isLeft, () => this.#visit(node));
      isLeft ||= leaves(node) !== 'no';
    }
  }

  #pattern(node: AnyNode | Absent): void {
    if (!node) return;
    switch (node.type) {
      case 'AssignmentPattern':
        if (isPattern(node.left)) {
          this.#visit(node.right);
          this.#pattern(node.left);
          return;
        }
        this.#pattern(node.left);
        this.#visit(node.right);
        return;
      case 'ArrayPattern':
        for (const element of node.elements) this.#pattern(element);
        return;
      case 'ObjectPattern':
        for (const property of node.properties) {
          if (property.type === 'RestElement') {
            this.#pattern(property.argument);
          } else {
            if (property.computed) this.#visit(property.key);
            this.#pattern(property.value);
          }
        }
        return;
      case 'RestElement':
        // A pattern's rest is collected in an array. (For rest parameters V8 has a bytecode.)
        this.#pattern(node.argument);
        this.#add({ letter: '[', start: node.start, isOptional: true });
        return;
      case 'VariableDeclaration':
        for (const { id } of node.declarations) this.#pattern(id);
        return;
      default:
        this.#visit(node);
        return;
    }
  }

  #object(node: ObjectExpression, isFolded: boolean): void {
    const { properties } = node;
    const first = properties[0];
    const isClone = first?.type === 'SpreadElement';
    const dynamic = properties.findIndex((p) => p.type === 'SpreadElement' || p.computed);
    const fixed = (dynamic < 0 ? properties : properties.slice(0, dynamic)) as Property[];
    const names = fixed.filter((p) => p.kind === 'init' && !isPrototype(p)).map((p) => nameOf(p));
    const parts: Part[] = objectParts(node, names);
    for (const property of fixed) foldedParts(property.value, parts);
    const letter = properties.length === 0 ? 'p' : isClone ? 'q' : 'o';
    const item = {
      letter,
      start: node.start,
      names,
      mayHave: new Set(fixed.map((p) => nameOf(p))),
      parts: isClone ? [{ kind: 'o', start: node.start }] : parts,
      isOptional: isFolded,
    };
    if (!isClone) this.#add(item);
    properties.forEach((property, i) => {
      if (property.type === 'SpreadElement') {
        this.#visit(property.argument);
        if (isClone && i === 0) this.#add(item);
        return;
      }
      if (property.computed) this.#visit(property.key);
      if (property.method || property.kind !== 'init') return; // a closure, where V8 chooses
      if (!isClone && (dynamic < 0 || i < dynamic)) this.#foldable(property.value);
      else this.#visit(property.value);
    });
  }

  #array(node: ArrayExpression, isFolded: boolean): void {
    const { elements } = node;
    const spread = elements.findIndex((element) => element?.type === 'SpreadElement');
    const length = spread < 0 ? elements.length : spread;
    const parts: Part[] = [
      { kind: 'a', start: node.start, length: spread < 0 ? length : undefined },
    ];
    for (const element of elements.slice(0, length)) foldedParts(element, parts);
    const letter = elements.length === 0 ? 'd' : spread === 0 ? 'i' : 'a';
    const item = { letter, start: node.start, length, parts, isOptional: isFolded };
    if (letter !== 'i') this.#add(item);
    elements.forEach((element, i) => {
      if (i < length) this.#foldable(element);
      else this.#visit(element);
      if (letter === 'i' && i === 0) this.#add(item);
    });
  }

  /** The value of a property, or an element, that a literal's description may hold. */
  #foldable(node: AnyNode | Absent): void {
    const constant = node ? isConstant(node) : 'yes';
    if (constant === 'yes') return;
    const isFolded = constant === 'maybe';
    if (node?.type === 'ObjectExpression') this.#object(node, isFolded);
    else if (node?.type === 'ArrayExpression') this.#array(node, isFolded);
    else this.#visit(node);
  }

  #class(node: Class): void {
    this.#visit(node.superClass);
    let end = node.end;
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') continue;
      if (member.computed) this.#visit(member.key);
      if (member.type === 'MethodDefinition' && member.kind === 'constructor') {
        end = member.value.end;
      }
    }
    this.classes.set(end, node.start);
    this.#add({ letter: 'k', start: node.start });
  }
}

function isPattern(node: AnyNode): boolean {
  return node.type === 'ObjectPattern' || node.type === 'ArrayPattern';
}

const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/** An object with indices has elements, too, as arrays have. */
function objectParts({ start, properties }: ObjectExpression, names: readonly string[]): Part[] {
  const isInObject = (property: ObjectExpression['properties'][number]) =>
    property.type === 'SpreadElement' ||
    property.computed ||
    !(INDEX.test(nameOf(property)) || isPrototype(property));
  const object = { kind: 'o', start, names, length: properties.filter(isInObject).length };
  return names.some((name) => INDEX.test(name)) ? [object, { kind: '', start }] : [object];
}

/** Literals of constants, whose objects are created with the literal around them. */
function foldedParts(node: AnyNode | Absent, parts: Part[]): void {
  if (!node || isConstant(node) === 'no') return;
  if (node.type === 'ObjectExpression') {
    const properties = node.properties as Property[];
    parts.push(...objectParts(node, properties.map(nameOf)));
    for (const { value } of properties) foldedParts(value, parts);
  } else if (node.type === 'ArrayExpression') {
    parts.push({ kind: 'a', start: node.start, length: node.elements.length });
    for (const element of node.elements) foldedParts(element, parts);
  }
}
