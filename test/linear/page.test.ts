// Linear time, the page: what it computes of any text.

import { describe, expect, it } from 'vitest';
import { nickProblem, roomProblem } from '../../src/page/answers.ts';
import { shown, shownNick } from '../../src/page/marks.ts';
import { NickCompletion } from '../../src/page/nick-completion.ts';
import { partsOf } from '../../src/page/parts.ts';
import { wordsOf } from '../../src/page/search-words.ts';
import { spoken } from '../../src/page/spoken.ts';
import { readTyped, typedFor } from '../../src/page/typed.ts';
import { isMentioned, listed, markup, OWNER_COMMANDS, splitAtMentions } from '../../src/view/index.ts';
import { growsFaster, type Work } from '../support/growth.ts';
import { SERVER_LINES } from '../support/line-samples.ts';
import { NEAR_NICK } from '../support/worst-texts.ts';

describe('what the page computes', () => {
  it.each(
    Object.entries({
      'a name': nickProblem,
      'a room': roomProblem,
      'a shown text': shown,
      'a shown nick': shownNick,
      'a text in parts': partsOf,
      'whether it mentions': (text) => isMentioned(text, NEAR_NICK),
      'what it mentions': (text) => splitAtMentions(`${NEAR_NICK} ${text}`, NEAR_NICK),
      'whether a foreign nick is mentioned': (text) => isMentioned(text, text),
      'what it sets off': (text) => [markup(text), markup(`\`${text}`), markup(`**${text}**`)],
      'its links': (text) => [markup(`http://${text}`), markup(text.replaceAll('a', 'http://'))],
      'words to search': wordsOf,
      'a nick to complete': (text) => new NickCompletion().next(text, text.length, [text]),
      'a typed text': readTyped,
      "an owner's typed command": (text) => [...OWNER_COMMANDS.keys()].map((name) => readTyped(`/${name} ${text}`)),
      'a text put back': typedFor,
      'a typed command': (text) => [readTyped(`/me ${text}`), readTyped(`/nick ${text}`), readTyped(`/${text}`)],
      'an announced message': (text) =>
        spoken({
          kind: 'message',
          line: { ...SERVER_LINES.message, nick: text, text },
          own: false,
          mentioned: undefined,
          continues: false,
          isFirstNew: false,
        }),
      'names in a row': (text) => listed(text.split(' '), 4),
    } satisfies Record<string, Work>),
  )('%s', async (_, work) => {
    expect(await growsFaster((text) => work(text.toWellFormed()))).toEqual([]);
  });
});

it('cuts a long text into parts of which none is long, and drops nothing', () => {
  for (const text of [
    '',
    'x',
    'ab '.repeat(5000),
    '\n'.repeat(5000),
    '𝒳'.repeat(5000),
    `\n${'x'.repeat(1999)}\n`.repeat(9),
  ]) {
    const parts = partsOf(text);
    expect(parts.join('')).toBe(text);
    expect(parts.every((part) => part.length <= 2000 && part.isWellFormed())).toBe(true);
    expect(parts.length).toBeLessThanOrEqual(1 + text.length / 900);
  }
});
