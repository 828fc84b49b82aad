// Cuts a long text into parts that a browser lays out one by one: what it takes for one paragraph grows with the square of
// its length where letters join or directions alternate. Never drops a character.

/** Far more than a paragraph of a chat has. */
export const MOST_CHARACTERS = 2000;

/** The text in parts, cut behind a newline where there is one, else behind a blank, else anywhere. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (text.length - start > MOST_CHARACTERS) {
    const part = text.slice(start, start + MOST_CHARACTERS);
    const cut = part.lastIndexOf('\n') + 1 || part.lastIndexOf(' ') + 1 || wholeCharacters(part);
    parts.push(part.slice(0, cut));
    start += cut;
  }
  parts.push(text.slice(start));
  return parts;
}

/** Its length without a half of a character at its end. */
function wholeCharacters(part: string): number {
  return /[\ud800-\udbff]$/.test(part) ? part.length - 1 : part.length;
}
