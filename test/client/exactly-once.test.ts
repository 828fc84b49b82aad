// The promise itself: whatever breaks and whenever, each message is in the log once and is shown once, in order.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RoomSession } from '../../src/client/index.ts';
import { ManualClock } from './manual-clock.ts';
import { ModelRoom } from './model-room.ts';
import { Recorder } from './recorder.ts';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant('say' as const) },
  { weight: 6, arbitrary: fc.constant('server reads' as const) },
  { weight: 6, arbitrary: fc.constant('client reads' as const) },
  { weight: 2, arbitrary: fc.constant('somebody else says' as const) },
  { weight: 2, arbitrary: fc.constant('break for the client' as const) },
  { weight: 1, arbitrary: fc.constant('break for both' as const) },
  { weight: 2, arbitrary: fc.constant('time passes' as const) },
  { weight: 1, arbitrary: fc.constant('refuse a dial' as const) },
);
type Step = (typeof step extends fc.Arbitrary<infer T> ? T : never) | 'forget keys' | 'replay';
const stepOrForget: fc.Arbitrary<Step> = fc.oneof(
  { weight: 25, arbitrary: step },
  { weight: 1, arbitrary: fc.constant('forget keys' as const) },
);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function play(steps: readonly Step[], speaker: boolean) {
  const room = new ModelRoom();
  const clock = new ManualClock();
  const recorder = new Recorder();
  const session = new RoomSession({ dial: room.dial, clock, random: () => 0.5, speaker }, recorder);
  const said: string[] = [];
  const act = (step: Step) => {
    if (step === 'say') said.push(session.say(`said ${said.length}`));
    else if (step === 'server reads') room.serverReads();
    else if (step === 'client reads') room.current?.clientReads();
    else if (step === 'somebody else says') room.somebodyElseSays();
    else if (step === 'break for the client') room.current?.breakOff('client');
    else if (step === 'break for both') room.current?.breakOff('both');
    else if (step === 'time passes') clock.advance(8000);
    // A first dial that fails is the end, and another test's matter.
    else if (step === 'refuse a dial' && recorder.events.includes('joined bob')) room.dialsToRefuse = 1;
    else if (step === 'forget keys') room.forgetKeys();
    else if (step === 'replay') session.replay(3);
  };
  session.start();
  for (const step of steps) {
    await turn();
    act(step);
  }
  // Nothing breaks any more: everything has to come to rest.
  for (let round = 0; round < 500 && !(session.pending === 0 && room.isAtRest); round += 1) {
    for (const calm of ['server reads', 'client reads'] as const) {
      await turn();
      act(calm);
    }
    if (recorder.events.at(-1)?.startsWith('lost')) clock.advance(30_000);
  }
  const { pending } = session;
  session.leave();
  return { log: room.log, said, recorder, pending };
}

test('whatever breaks, each message is in the log once and is shown once, in the order in which it was said', async () => {
  const replay = fc.constant('replay' as const);
  const steps = fc.oneof(
    fc.array(stepOrForget, { minLength: 20, maxLength: 120 }),
    fc.array(fc.oneof({ weight: 12, arbitrary: stepOrForget }, { weight: 1, arbitrary: replay }), { maxLength: 120 }),
  );
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const { log, said, recorder, pending } = await play(script, false);
      expect(pending).toBe(0);
      const own = log.filter(({ id }) => id !== 'other');
      expect(own.map(({ text }) => text)).toEqual(said.map((_, i) => `said ${i}`));
      const seqs = log.map(({ seq }) => seq);
      const lines = log.map(({ seq, text, id }) => `${seq} ${text}${id === 'other' ? '' : ' (own)'}`);
      if (script.includes('replay')) expect([...new Set(recorder.shown.map(Number.parseFloat))]).toEqual(seqs);
      else expect(recorder.shown).toEqual(lines);
      const receipts = recorder.events.filter((event) => event.startsWith('receipt'));
      expect(receipts).toEqual(said.map((ref) => `receipt ${ref}`));
    }),
    { numRuns: 300 },
  );
});

test('a speaker brings each message into the log once too, and says of which it cannot know', async () => {
  const steps = fc.array(stepOrForget, { minLength: 20, maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const { log, said, recorder, pending } = await play(script, true);
      expect(pending).toBe(0);
      const texts = log.filter(({ id }) => id !== 'other').map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts).toEqual(texts.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5))));
      for (const [i, ref] of said.entries()) {
        const told = recorder.events.filter((event) => /^(receipt|refused) (\w+)/.exec(event)?.[2] === ref);
        expect(told).toHaveLength(1);
        if (told[0] === `receipt ${ref}`) {
          expect(texts).toContain(`said ${i}`);
          expect(recorder.shown.filter((line) => line.includes(` said ${i} `))).toHaveLength(1);
        } else expect(told).toEqual([`refused ${ref} uncertain`]);
      }
    }),
    { numRuns: 300 },
  );
});
