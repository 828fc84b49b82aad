// What is searched for. Knows nothing of where.

/** Every word, in lower case: they are found in any case. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}
