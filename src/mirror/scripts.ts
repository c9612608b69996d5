// SPDX-License-Identifier: MIT
// The scripts of the frames, as the addon notes them: the source map URL in their text, and a
// digest of the text. Two scripts can have the same name, and the file of that name another text.
import type { Binding } from '../addon/binding.js';
import type { TextDigest } from './text-digest.js';

const ROW = 9;
const HAS_SOURCE_MAP = 1;
const HAS_LINE_OFFSET = 2;
const HAS_COLUMN_OFFSET = 4;
const ENDS_WITH_COMMENT = 8;

// Limit for URLs that are maps themselves. V8 holds them as long as their scripts live; they are
// held here for scripts that die before a position in them is read.
const MOST_UNITS_HELD = 64 * 2 ** 20;

type SourceMapOf = Binding['sourceMapOf'];

/** A frame of the mirror. */
interface ScriptFrame {
  readonly filename: string;
  readonly script?: Script | undefined;
}

export class Script {
  readonly id: number;
  readonly digest: TextDigest;
  readonly hasSourceMap: boolean;
  /** Its first line is not the first line of its file. */
  readonly hasLineOffset: boolean;
  /** Its first line begins within a line of its file. */
  readonly hasColumnOffset: boolean;
  /**
   * Whether its text ends with the source map's URL, as it does unless it was put into another
   * text.
   */
  readonly endsWithComment: boolean;
  readonly #sourceMapOf: SourceMapOf;
  #url: string | undefined;

  constructor(row: readonly unknown[], sourceMapOf: SourceMapOf) {
    const [id, flags, url, length, lines, first, rest, body, shape] = row as [
      ...[id: number, flags: number, url: string | undefined],
      ...[length: number, lines: number, first: number, rest: number, body: number, shape: number],
    ];
    this.id = id;
    this.digest = { length, lines, first, rest, body, shape };
    this.hasSourceMap = (flags & HAS_SOURCE_MAP) !== 0;
    this.hasLineOffset = (flags & HAS_LINE_OFFSET) !== 0;
    this.hasColumnOffset = (flags & HAS_COLUMN_OFFSET) !== 0;
    this.endsWithComment = (flags & ENDS_WITH_COMMENT) !== 0;
    this.#url = url;
    this.#sourceMapOf = sourceMapOf;
  }

  /** Undefined: the script has none, or it is gone with the script. */
  get sourceMapUrl(): string | undefined {
    if (!this.hasSourceMap) return undefined;
    return this.#url ?? this.#sourceMapOf(this.id);
  }

  /** UTF-16 units of the URL, if it is held here. */
  get held(): number {
    return this.#url?.length ?? 0;
  }

  /** From now on only V8 holds the URL. */
  letGo(): void {
    this.#url = undefined;
  }
}

/** The scripts that the mirror's frames may belong to. */
export class Scripts {
  readonly #sourceMapOf: SourceMapOf;
  #scripts = new Map<number, Script>();
  #held = 0;
  #frames: readonly ScriptFrame[] = [];
  #names: Map<string, Script | null> | undefined;

  constructor(sourceMapOf: SourceMapOf) {
    this.#sourceMapOf = sourceMapOf;
  }

  /** @param rows returned by the addon's `takeScripts`. */
  add(rows: readonly unknown[]): void {
    for (let at = 0; at < rows.length; at += ROW) {
      const script = new Script(rows.slice(at, at + ROW), this.#sourceMapOf);
      // If the addon starts again from zero, it may have released a URL that is still held here.
      if (this.#scripts.has(script.id)) continue;
      this.#held += script.held;
      this.#scripts.set(script.id, script);
    }
    if (this.#held > MOST_UNITS_HELD) this.#letGo();
  }

  get(id: number): Script | undefined {
    return this.#scripts.get(id);
  }

  /**
   * For stacks that have only names: the script of that name, if exactly one script with frames has
   * it.
   */
  named(filename: string): Script | undefined {
    this.#names ??= byName(this.#frames);
    return this.#names.get(filename) ?? undefined;
  }

  /** @param isAnyGone - scripts without any of these frames are forgotten. */
  apply(frames: readonly ScriptFrame[], isAnyGone: boolean): void {
    this.#frames = frames;
    this.#names = undefined;
    if (!isAnyGone) return;
    const kept = new Set(frames.map(({ script }) => script));
    for (const [id, script] of this.#scripts) {
      if (kept.has(script)) continue;
      this.#held -= script.held;
      this.#scripts.delete(id);
    }
  }

  #letGo(): void {
    for (const script of this.#scripts.values()) {
      if (this.#held <= MOST_UNITS_HELD / 2) return;
      this.#held -= script.held;
      script.letGo();
    }
  }
}

// Null: several scripts of that name.
function byName(frames: readonly ScriptFrame[]): Map<string, Script | null> {
  const names = new Map<string, Script | null>();
  for (const { filename, script } of frames) {
    if (script === undefined) continue;
    const before = names.get(filename);
    names.set(filename, before === undefined || before === script ? script : null);
  }
  return names;
}
