// SPDX-License-Identifier: MIT
// A guide as a script: what its blocks ```sh say is typed, what its blocks ```text say is seen.

export interface Guide {
  readonly commands: readonly string[];
  readonly seen: readonly string[];
}

export function readGuide(markdown: string): Guide {
  const blocks = [...markdown.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)];
  const of = (language: string) =>
    blocks.filter(([, name]) => name === language).map(([, , text = '']) => text);
  return { commands: of('sh'), seen: of('text') };
}

/**
 * All commands in one shell, as one types them in a terminal: a command that fails does not end it.
 * After a command in the background, it waits until something listens on one of the ports, or ten
 * seconds.
 */
export function scriptOf(commands: readonly string[], ports: readonly number[]): string {
  const isListening = ports.map((port) => `(: </dev/tcp/127.0.0.1/${port})`).join(' || ');
  const wait = `for i in $(seq 100); do { ${isListening}; } 2>/dev/null && break; sleep 0.1; done\n`;
  const blocks = commands.map((text) => text.replaceAll(/ &$/gm, (end) => `${end}\n${wait}`));
  return `set -m\ntrap 'kill -KILL -- $(jobs -p | sed s/^/-/) 2>/dev/null' EXIT\n${blocks.join('')}`;
}

/**
 * The lines of a block that are missing in the output, in which they have their order, with others
 * between them. All numbers but those of lines may differ, `...` is anything, and a place may be
 * marked as approximate.
 */
export function missingLines(block: string, output: string): string[] {
  const left = output.split('\n');
  return block.split('\n').filter((line) => {
    if (line.trim() === '' || line.trim() === '...') return false;
    const at = left.findIndex((candidate) => patternOf(line).test(candidate));
    if (at >= 0) left.splice(0, at + 1);
    return at < 0;
  });
}

const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^\s+/, '\\s+(?:~ )?'],
  [/^\.\.\./, '.*'],
  [/^\.\w+:\d+(?::\d+)?/, ''], // the end of a file's name, and the line
  [/^\d[\d.,]*( [KMG]iB| B)?/, '-?[\\d.,]+(?: ?[KMG]?i?B)?'],
];

function patternOf(line: string): RegExp {
  let pattern = '';
  for (let rest = line.trim(); rest !== ''; ) {
    const [form, meaning] = PARTS.find(([form]) => form.test(rest)) ?? [/^./, ''];
    const [text] = form.exec(rest)!;
    pattern += meaning || text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    rest = rest.slice(text.length);
  }
  return new RegExp(pattern);
}
