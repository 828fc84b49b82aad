// Times and numbers as people read them, in the local time zone. Takes any number a server may send.

const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const COUNT = new Intl.NumberFormat('en-US');

/** `09:05`; undefined for what is not a time. */
export function timeOfDay(at: number): string | undefined {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return undefined;
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}

/** `Sunday 22 November 2026, 09:05:07`; undefined for what is not a time. */
export function momentOf(at: number): string | undefined {
  const day = dayOf(at);
  return day && `${day}, ${timeOfDay(at)}:${String(new Date(at).getSeconds()).padStart(2, '0')}`;
}

/** `Sunday 22 November 2026`, with the comma that some versions of ICU put there left out. Undefined for what is not a time. */
export function dayOf(at: number): string | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : DAY.format(date).replace(',', '');
}

/** `1,234`. */
export function grouped(count: number): string {
  return COUNT.format(count);
}

/** `1 message`, `2,000 messages`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `ann`, `ann and bob`, `ann, bob and 3 more`. */
export function listed(names: readonly string[], most: number): string {
  const shown = names.slice(0, most);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${grouped(rest)} more`;
  const last = shown.pop();
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`;
}
