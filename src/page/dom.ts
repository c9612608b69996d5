// SPDX-License-Identifier: MIT

type Child = Node | string | undefined;

/** An element with attributes and children; text is always text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** Lets the page answer and draw before the work goes on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** An element of a drawing. */
export function drawn<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: (SVGElement | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * A choice of one of several, as buttons in a row; a radio group for keyboards and screen readers.
 */
export function choice<T extends string>(
  label: string,
  options: readonly (readonly [value: T, text: string, hint?: string])[],
  chosen: T,
  onChange: (value: T) => void,
): HTMLElement {
  const name = `choice-${label.replaceAll(/\W+/g, '-')}`;
  const buttons = options.map(([value, text, title]) => {
    const input = element('input', { type: 'radio', name, value, checked: value === chosen });
    input.addEventListener('change', () => onChange(value));
    return element('label', { title }, input, element('span', {}, text));
  });
  return element(
    'fieldset',
    { class: 'choice' },
    element('legend', {}, label),
    element('div', { class: 'buttons' }, ...buttons),
  );
}
