// Families of texts that cost more than their bytes where something looks at them again and again: for the tests that hold
// every place where foreign text enters to linear time. Each is made as long as it is asked for, in bytes of UTF-8.

/** A nick that some of the texts nearly are. */
export const NEAR_NICK = 'ann';

/** `between` the two ends, repeated up to `bytes`. */
function filled(between: string, start = '', end = ''): (bytes: number) => string {
  return (bytes) => start + between.repeat(Math.max(1, Math.floor(bytes / Buffer.byteLength(between)))) + end;
}

/** Canonical classes from the highest down (240, 232, 230, 220, 202): normalising has to move each mark before all others. */
const DESCENDING = ['\u0345', '\u0315', '\u0301', '\u0316', '\u0321'];

const descending = (bytes: number): string =>
  `a${DESCENDING.map((mark) => mark.repeat(Math.ceil(bytes / 2 / DESCENDING.length))).join('')}`;

const halves = (one: string, other: string, start = '') => {
  const [first, second] = [filled(one), filled(other)];
  return (bytes: number): string => start + first(bytes / 2) + second(bytes / 2);
};

export const WORST_TEXTS: Readonly<Record<string, (bytes: number) => string>> = {
  'marks in descending class': descending,
  'marks that Unicode does not order': filled('\u0e34', '\u0e01'),
  'letters with marks': filled('e\u0301\u0323'),
  'invisible characters': filled('\u200b', 'a'),
  'dashes between letters': filled('-', 'a', 'a'),
  'dots and underscores': filled('._', 'a', 'a'),
  'one long word': filled('a'),
  'blanks between letters': filled(' ', 'a', 'a'),
  'tabs and blanks': filled('\t ', 'a', 'a'),
  'carriage returns': filled('\r', 'a', 'a'),
  newlines: filled('\n'),
  'letters and newlines': filled('a\r\n'),
  digits: filled('1', 'a', 'a'),
  'brackets that do not fit': halves('(', ']', '\u05d0'),
  quotes: filled('"', 'a'),
  'single quotes': filled("' ", 'a'),
  backquotes: filled('`a', '\n'),
  'asterisks and backquotes': filled('**`a ``` ', 'a'),
  'fences that are empty': filled('``` '),
  'addresses with brackets': filled(')](', 'http://a'),
  backslashes: filled('\\', 'a', '"'),
  commas: filled(',', 'a', 'a'),
  'semicolons and equal signs': filled(';a="', 'a'),
  colons: filled(':', 'a', 'a'),
  slashes: filled('/', '/', 'a'),
  'paths of rooms': filled('/rooms', '/', '/a/'),
  percents: filled('%CC%81', 'a'),
  'escape sequences': filled('\x1b[0;1', '\x1b['),
  'a sequence without end': filled('0', '\x1b[', '\0'),
  'characters outside the first plane': filled('𝒳'),
  'halves of characters': (bytes) => '\ud800'.repeat(Math.floor(bytes / 3)),
  'right to left and back': filled('\u05d0a'),
  'letters that join': filled('\u0628'),
  'bidi controls': filled('\u202e\u2066a'),
  'near-matches of a nick': filled('an'),
  'near-matches with punctuation': filled(`${NEAR_NICK}-`, '-', 'x'),
  'near-matches in full width': filled('ａｎ ', '@'),
  'letters that unfold': filled('\ufdfa'),
  'pieces of syllables': filled('\u1100\u1161\u11a8'),
  'emoji that join': filled('👩\u200d'),
  'halves of flags': filled('🇩'),
  'variation selectors': filled('a\ufe0f'),
};
