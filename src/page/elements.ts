// The document's elements: finds those that the page is made of, and makes new ones. What somebody wrote becomes text
// here, never markup.

import { shown } from './marks.ts';

/** An element of the page's own markup. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  return only(document.getElementById(id), kind, id);
}

/** An element of the page's own markup within another. */
export function within<E extends HTMLElement>(parent: HTMLElement, selector: string, kind: new () => E): E {
  return only(parent.querySelector(selector), kind, selector);
}

function only<E extends HTMLElement>(found: Element | null, kind: new () => E, what: string): E {
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} ${what}.`);
}

export function element<K extends keyof HTMLElementTagNameMap>(name: K, className = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  return made;
}

export function textOf<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text: string,
  className = '',
): HTMLElementTagNameMap[K] {
  const made = element(name, className);
  made.textContent = shown(text);
  return made;
}
