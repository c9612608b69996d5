// SPDX-License-Identifier: MIT
// Names in Markdown, which a name must not be able to change.
import { plainName } from './plain-text.js';

const MARKUP = /[\\`*_{}[\]<>#+!|~&$@]|:(?=\/\/)|www(?=\.)/g;

/**
 * A name as text of a cell of a table: nothing in it is markup, a link or a mention. As entities,
 * since not all programs read backslashes alike.
 */
export function markdownName(name: string): string {
  return plainName(name).replace(MARKUP, (found) => `&#${found.charCodeAt(0)};${found.slice(1)}`);
}
