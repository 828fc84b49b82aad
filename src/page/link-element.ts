// A link in a message, still without its text. It opens in a tab of its own, which neither learns of this page nor can reach
// it. Never hides where it leads.

import { element, textOf } from './elements.ts';

/** `address` is http or https; what no browser can open is no link. */
export function linkTo(address: string): HTMLElement {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return element('span');
  const link = element('a');
  link.href = url.href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.referrerPolicy = 'no-referrer';
  link.dir = 'ltr';
  // A name before an @, letters that look like others, a number written strangely: then the host that a browser would go to
  // stands beside it, as a browser writes it.
  if (!address.toLowerCase().startsWith(url.origin)) link.append(textOf('small', ` (${url.host})`));
  return link;
}
