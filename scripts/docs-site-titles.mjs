// SPDX-License-Identifier: MIT
// A plugin of typedoc for the site of the documentation: a document's title is its first heading,
// in place of its file's name, and documents of a kind are listed together.
import { Converter } from 'typedoc';

const HEADING = /^# (.*)/;
const GROUPS = [
  [/\/docs\/guides\//, 'Guides'],
  [/\/docs\//, 'Documentation'],
  [/./, 'Project'],
];

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [first] = document.content;
    document.name = HEADING.exec(first.text)[1];
    const file = document.project.files.getReflectionPath(document);
    document.frontmatter.group = GROUPS.find(([form]) => form.test(file))[1];
  });
}
