// SPDX-License-Identifier: MIT
// The scripts that frames are of, as the addon notes them: what their text says of a source map,
// and a digest of it. Two scripts can have one name, and the file of that name another text.
import type { Binding } from '../addon/binding.js';
import type { TextDigest } from './text-digest.js';

const ROW = 9;
const HAS_SOURCE_MAP = 1;
const HAS_OFFSET = 2;

// URLs that are maps themselves. V8 has them as long as their scripts live; these are for scripts
// that are gone before anybody has read a position in them.
const MOST_UNITS_HELD = 64 * 2 ** 20;

type SourceMapOf = Binding['sourceMapOf'];

/** A frame of the mirror's. */
interface ScriptFrame {
  readonly filename: string;
  readonly script?: Script | undefined;
}

export class Script {
  readonly id: number;
  readonly digest: TextDigest;
  readonly hasSourceMap: boolean;
  /** Its first line is not the first of its file. */
  readonly hasOffset: boolean;
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
    this.hasOffset = (flags & HAS_OFFSET) !== 0;
    this.#url = url;
    this.#sourceMapOf = sourceMapOf;
  }

  /** Undefined: it has none, or that went with the script. */
  get sourceMapUrl(): string | undefined {
    if (!this.hasSourceMap) return undefined;
    return this.#url ?? this.#sourceMapOf(this.id);
  }

  /** UTF-16 units of its URL. */
  get held(): number {
    return this.#url?.length ?? 0;
  }

  /** Its URL is V8's alone from now on. */
  letGo(): void {
    this.#url = undefined;
  }
}

/** Those that the mirror's frames may be of. */
export class Scripts {
  readonly #sourceMapOf: SourceMapOf;
  #scripts = new Map<number, Script>();
  #held = 0;
  #frames: readonly ScriptFrame[] = [];
  #names: Map<string, Script | null> | undefined;

  constructor(sourceMapOf: SourceMapOf) {
    this.#sourceMapOf = sourceMapOf;
  }

  /** @param rows what `takeScripts` of the addon answers. */
  add(rows: readonly unknown[]): void {
    for (let at = 0; at < rows.length; at += ROW) {
      const script = new Script(rows.slice(at, at + ROW), this.#sourceMapOf);
      this.#held += script.held - (this.#scripts.get(script.id)?.held ?? 0);
      // The last ones are the newest.
      this.#scripts.delete(script.id);
      this.#scripts.set(script.id, script);
    }
    if (this.#held > MOST_UNITS_HELD) this.#letGo();
  }

  get(id: number): Script | undefined {
    return this.#scripts.get(id);
  }

  /** Of stacks that V8 tells by names: the only one of that name, among those that frames are of. */
  named(filename: string): Script | undefined {
    this.#names ??= byName(this.#frames);
    return this.#names.get(filename) ?? undefined;
  }

  /** @param isAnyGone - those that none of these frames is of are forgotten. */
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

// Null: several.
function byName(frames: readonly ScriptFrame[]): Map<string, Script | null> {
  const names = new Map<string, Script | null>();
  for (const { filename, script } of frames) {
    if (script === undefined) continue;
    const before = names.get(filename);
    names.set(filename, before === undefined || before === script ? script : null);
  }
  return names;
}
