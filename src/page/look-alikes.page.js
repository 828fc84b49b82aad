// Which nicks look like `server` or `admin`. The rule is roomchat.v1's (src/protocol/look-alikes.ts); a page has to have its
// own copy. The server decides: nothing here is relied on.

// By script: Latin, Greek, Cyrillic, and then the others. Compatibility forms (full width, mathematical) need no entry.
const LOOK_ALIKES = {
  s: [
    '\u01bd\ua731\u0455\u0405', // ƽ ꜱ, Cyrillic dze
    '\u054f\u13d5\u13da\uabaa\ua4e2\u{10296}\u{10420}\u{10448}\u{118c1}\u{16f3a}',
  ],
  e: [
    '\uab32\u1d07\u0395\u0415\u0435\u04bd', // ꬲ ᴇ, epsilon, Cyrillic ie and abkhasian che
    '\u13ac\uab7c\u2d39\ua4f0\u{10286}\u{118a6}\u{118ae}',
  ],
  r: [
    '\u01a6\u0280\uab47\uab48\u1d26\u0433', // Ʀ ʀ ꭇ ꭈ, gamma as a small capital, Cyrillic ghe
    '\u13a1\u13d2\uab71\uab81\uaba2\u1587\u2c85\ua4e3\u{104b4}\u{16f35}',
  ],
  v: [
    '\u1d20\u03bd\u0474\u0475', // ᴠ, nu, Cyrillic izhitsa
    '\u05d8\u0667\u06f7\u13d9\uaba9\u142f\u2d38\ua4e6\ua6df\u{1051d}\u{11706}\u{118a0}\u{118c0}\u{16f08}',
  ],
  a: [
    '\u0251\u1d00\u0391\u03b1\u0410\u0430', // ɑ ᴀ, alpha, Cyrillic a
    '\u13aa\uab7a\u15c5\ua4ee\u{102a0}\u{16f40}',
  ],
  d: [
    '\u1d05\u0501', // ᴅ, Cyrillic komi de
    '\u13a0\u13e7\uab70\u146f\u15de\u15ea\ua4d2\ua4d3',
  ],
  m: [
    '\u1d0d\u039c\u03fa\u041c\u043c', // ᴍ, mu and san, Cyrillic em
    '\u13b7\uab87\u15f0\u16d6\u2c98\ua4df\u{102b0}\u{10311}\u{11700}\u{118e3}',
  ],
  // In capitals it is the same stroke as a one and a small l.
  i: [
    '1l\u0130\u0131\u0196\u01c0\u0269\u026a', // İ ı Ɩ ǀ ɩ ɪ
    '\u0399\u03b9\u0406\u0456\u04c0\u04cf\ua647', // iota, Cyrillic i, palochka and iota
    '\u05d5\u05df\u0627\u0661\u06f1\u07ca\u13a5\uab75\u16c1\u2c92\u2d4f\ua4f2\u{10309}\u{1028a}\u{118c3}\u{16f28}',
  ],
  n: [
    '\u0274\u039d', // ɴ, capital nu
    '\u0578\u057c\u2c9a\ua4e0\u{10513}', // two Armenian letters, and others
  ],
};

const LETTER_OF = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([letter, groups]) => [...groups.join('')].map((other) => [other, letter])),
);

/** UTF-16 units that the two names can take: an `m` may be written `rn`, an `i` with a dot of its own. */
const FEWEST_UNITS = 5;
const MOST_UNITS = 14;

/**
 * `server` or `admin` where `nick` (in NFC, short) is one of them or looks like it; undefined for all others, and for
 * `admin` in its own letters: it deceives nobody about what it says.
 */
export function reservedNickOf(nick) {
  if (nick.length < FEWEST_UNITS || nick.length > MOST_UNITS) return undefined;
  const folded = nick.normalize('NFKC');
  // Nearly every nick differs at once.
  const first = letterOf(String.fromCodePoint(folded.codePointAt(0) ?? 0));
  if (first !== 's' && first !== 'a') return undefined;
  const skeleton = skeletonOf(folded);
  if (skeleton === 'server') return 'server';
  return skeleton === 'admin' && !/^admin$/i.test(nick) ? 'admin' : undefined;
}

function skeletonOf(text) {
  let skeleton = '';
  for (const character of text) skeleton += letterOf(character);
  // A dot above an i is not seen: the i has it.
  return skeleton.replaceAll('i\u0307', 'i').replaceAll('rn', 'm');
}

function letterOf(character) {
  return LETTER_OF.get(character) ?? character.toLowerCase();
}
