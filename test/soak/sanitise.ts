// The long run of the property that no control byte of others reaches a terminal:
// `node test/support/run.js test/soak/sanitise.ts [texts]`, 100,000 without a number.
import fc from 'fast-check';
import { printableLine } from '../../src/protocol/index.ts';
import { render, renderPlain } from '../../src/terminal/render.ts';
import { UNSTYLED } from '../../src/terminal/style.ts';
import { Transcript } from '../../src/terminal/transcript.ts';
import { hostileText, unsafeCharacters } from '../support/hostile-text.ts';

const texts = Number(process.argv[2] ?? 100_000);

fc.assert(
  fc.property(hostileText, (text) => {
    const line = { type: 'message', seq: 1, at: 0, id: 'a', nick: text, text } as const;
    const items = new Transcript(text, 0).line(line);
    const lines = items.flatMap((item) => [...render(item, UNSTYLED, 80).split('\n'), renderPlain(item) ?? '']);
    return [printableLine(text), ...lines].every((shown) => unsafeCharacters(shown).length === 0);
  }),
  { numRuns: texts },
);
process.stdout.write(`${texts} hostile texts: not one control byte came through\n`);
