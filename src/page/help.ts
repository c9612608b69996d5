// SPDX-License-Identifier: MIT
// What the page's words mean, at its end, since hints are shown by a pointer only.
import { SPECIAL_NAMES } from '../text/special-names.js';
import { FRAMES_MEANING } from '../traces/charge.js';
import { element } from './dom.js';
import { COLUMN_WORDS } from './table.js';

const WORDS: Readonly<Record<string, string>> = {
  ...COLUMN_WORDS,
  '≈': 'A part of the figure may belong to a neighbouring line',
  heap: 'Objects of JavaScript',
  buffer: 'Buffers, ArrayBuffers and the memory of compression streams, outside the heap',
};

export function help(): HTMLElement {
  return element(
    'details',
    { class: 'help' },
    element('summary', {}, 'Help'),
    element('h2', {}, 'Words'),
    list(WORDS),
    element('h2', {}, 'Frames'),
    list(FRAMES_MEANING),
    element('h2', {}, 'Names in parentheses'),
    list(SPECIAL_NAMES),
  );
}

function list(meanings: Readonly<Record<string, string>>): HTMLElement {
  const entries = Object.entries(meanings).flatMap(([name, meaning]) => [
    element('dt', {}, name),
    element('dd', {}, meaning),
  ]);
  return element('dl', {}, ...entries);
}
