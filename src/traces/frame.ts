// SPDX-License-Identifier: MIT
import { plainName } from '../text/plain-text.js';
import { KIND } from './charge.js';

const IN_MODULES = /(?:^|[\\/])node_modules[\\/]/;
// Code that no user can open: texts that were compiled without a file's name, WebAssembly.
const WITHOUT_FILE = /^(?:<|evalmachine\.<|wasm:)/;

/** One frame of a traceback. Python: `tracemalloc.Frame`. */
export class Frame {
  /** Path or name of the script (`node:fs` for internals); `<unknown>` when V8 has none. */
  readonly filename: string;
  /** 1-based; 0 is a real value: no line is known, or the grouping has none. */
  readonly lineno: number;
  /**
   * 1-based, in UTF-16 units; 0: unknown, for example in optimized code with several literals on
   * the line.
   */
  readonly column: number;
  /** As V8 shows it; empty: anonymous. */
  readonly functionName: string;
  /**
   * The line is the function's first, or that of a neighbouring allocation, which may be in a
   * function inlined beside it.
   */
  readonly approximate: boolean;

  /**
   * For tracebacks of one's own making.
   *
   * @param filename - empty: unknown.
   * @param lineno - 0: unknown.
   * @param details - `column` (default 0), `functionName` (default empty), `approximate` (default
   *   false).
   */
  constructor(filename: string, lineno: number, details: Partial<FrameDetails> = {}) {
    this.filename = filename || '<unknown>';
    this.lineno = lineno;
    this.column = details.column ?? 0;
    this.functionName = details.functionName ?? '';
    this.approximate = details.approximate ?? false;
  }

  /** Not written by the application: Node's internals, builtins, labels such as `(native)`. */
  get isInternal(): boolean {
    return this.filename.startsWith('node:') || this.filename.startsWith('(');
  }

  /**
   * Written by others: the file is in `node_modules`; or generated, as there is no file
   * (`evalmachine.<anonymous>`, `wasm:`).
   */
  get isDependency(): boolean {
    return IN_MODULES.test(this.filename) || WITHOUT_FILE.test(this.filename);
  }

  /**
   * `file:line`, as Python. A frame of a `'function'` grouping has no line: `name (file)`. Of
   * names, what can't be seen is escaped (`\\u001b`), and very long ones are cut: the text is for
   * people.
   */
  toString(): string {
    const { lineno } = this;
    return frameText({
      filename: plainName(this.filename),
      functionName: plainName(this.functionName),
      lineno,
    });
  }

  /** Order of Python's frames: by filename, then line; then column and function. */
  compare(other: Frame): number {
    return (
      compareText(this.filename, other.filename) ||
      this.lineno - other.lineno ||
      this.column - other.column ||
      compareText(this.functionName, other.functionName)
    );
  }

  /** Same file, line, column and function. */
  equals(other: Frame): boolean {
    return this.compare(other) === 0;
  }
}

/** In place of a frame, the type of objects that are grouped by their types. */
export class TypeFrame extends Frame {
  /** @param type - such as `Session` or `(string)`. */
  constructor(type: string) {
    super(type, 0);
  }

  /** The type's name; of it, what can't be seen is escaped. */
  override toString(): string {
    return plainName(this.filename);
  }
}

/** In place of a frame, labels, by which memory is grouped. */
export class LabelFrame extends Frame {
  /** @param text - such as `route=GET /users/:id`. */
  constructor(text: string) {
    super(text, 0);
  }

  /** The labels; of them, what can't be seen is escaped. */
  override toString(): string {
    return plainName(this.filename);
  }
}

/** Whether it stands for a group that is no frame. */
export function isNoPlace(frame: Frame): boolean {
  return frame instanceof TypeFrame || frame instanceof LabelFrame;
}

/** A `KIND`. */
export function kindOf(frame: Frame): number {
  if (frame.isInternal) return KIND.internal;
  return frame.isDependency ? KIND.dependency : KIND.own;
}

/** The same with unchanged names, for programs. */
export function frameText({
  filename,
  lineno,
  functionName,
}: Pick<Frame, 'filename' | 'lineno' | 'functionName'>): string {
  if (lineno !== 0 || functionName === '') return `${filename}:${lineno}`;
  return `${functionName} ${filename.startsWith('(') ? filename : `(${filename})`}`;
}

/** What a frame has besides its file and line. */
export interface FrameDetails {
  /** 1-based; 0: unknown. */
  column: number;
  /** Empty: unknown. */
  functionName: string;
  /** Whether the line is that of the function, or a neighbouring one. */
  approximate: boolean;
}

// Not localeCompare: the order must be the same on every machine.
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
