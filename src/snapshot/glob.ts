// SPDX-License-Identifier: MIT
// Shell patterns with the meaning of Python's fnmatch: `*` matches anything (also `/`), `?` one
// character, `[seq]` one of `seq`, `[!seq]` one not in `seq`; an unclosed `[` matches itself.

/** A regular expression that matches whole strings. */
export function globToRegExp(pattern: string): RegExp {
  const characters = [...pattern];
  let source = '';
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === '*') {
      if (characters[i - 1] !== '*') source += '.*'; // `**` means `*`, and would backtrack endlessly
    } else if (character === '?') {
      source += '.';
    } else if (character === '[') {
      const end = closingBracket(characters, i);
      if (end === -1) {
        source += '\\[';
      } else {
        source += characterSet(characters.slice(i + 1, end));
        i = end;
      }
    } else {
      source += literal(character);
    }
  }
  return new RegExp(`^(?:${source})$`, 'su');
}

// A `]` right after `[` or `[!` is a member.
function closingBracket(characters: readonly string[], open: number): number {
  let i = open + 1;
  if (characters[i] === '!') i++;
  return characters.indexOf(']', i + 1);
}

function characterSet(members: readonly string[]): string {
  const negated = members[0] === '!';
  let source = '';
  for (let i = negated ? 1 : 0; i < members.length; i++) {
    const from = members[i] as string;
    const to = members[i + 2];
    if (members[i + 1] === '-' && to !== undefined) {
      if (from <= to) source += `${literal(from)}-${literal(to)}`; // an empty range has no members
      i += 2;
    } else {
      source += literal(from);
    }
  }
  if (source === '') return negated ? '.' : '(?!)';
  return negated ? `[^${source}]` : `[${source}]`;
}

function literal(character: string): string {
  if (character === '-') return '\\x2d'; // `\-` is an error outside of a set under the u flag
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
