import { describe, expect, it } from 'vitest';
import type { MessageLine, ShownLine, WelcomeLine } from '../../src/protocol/index.ts';
import { type Item, Transcript } from '../../src/terminal/transcript.ts';
import { dayOf } from '../../src/view/index.ts';

const NOW = new Date(2026, 10, 22, 12, 0).getTime();
const DAY = 86_400_000;

const welcome: WelcomeLine = {
  type: 'welcome',
  protocol: 1,
  id: 'me',
  nick: 'bob',
  room: 'lobby',
  epoch: 'e',
  seq: 0,
  after: 0,
  present: 3,
  created: false,
  protected: false,
  key: 'k',
};

const says = (seq: number, text: string, more: Partial<MessageLine> = {}): MessageLine => ({
  type: 'message',
  seq,
  at: NOW,
  id: 'a',
  nick: 'alice',
  text,
  ...more,
});

function shown(items: readonly Item[]): string[] {
  return items.map((item) => (item.kind === 'message' ? `${item.line.nick}: ${item.line.text}` : item.text));
}

function joined(lines: readonly ShownLine[] = [welcome, { type: 'live', seq: 0 }]): Transcript {
  const transcript = new Transcript('', NOW);
  for (const line of lines) transcript.line(line);
  return transcript;
}

describe('Transcript', () => {
  it('ends the history with a rule, and has none for an empty one', () => {
    const transcript = joined([{ ...welcome, seq: 2 }, says(1, 'x'), says(2, 'y')]);
    expect(shown(transcript.line({ type: 'live', seq: 2 }))).toEqual(['2 messages of history']);
    expect(shown(joined([welcome]).line({ type: 'live', seq: 0 }))).toEqual([]);
  });

  it('groups the digits of a long history', () => {
    const transcript = joined([{ ...welcome, seq: 5000 }]);
    for (let seq = 1; seq <= 1234; seq++) transcript.line(says(seq, 'x'));
    expect(shown(transcript.line({ type: 'live', seq: 1234 }))).toEqual(['1,234 messages of history']);
  });

  it('has a progress for a long replay alone, by the share of seq, and ends it', () => {
    const transcript = joined([{ ...welcome, after: 1000, seq: 3000 }]);
    for (let n = 1; n < 500; n++) transcript.line(says(1000 + 2 * n, 'x'));
    expect(transcript.status).toBeUndefined();
    transcript.line(says(2000, 'x'));
    expect(transcript.status).toBe('history: 500 messages, 50 %');
    transcript.line({ type: 'live', seq: 3000 });
    expect(transcript.status).toBeUndefined();
  });

  it('has the server that it connects to as a status until it is in the room', () => {
    const transcript = new Transcript('', 0);
    expect(transcript.event({ type: 'connecting', server: 'one:8080' })).toEqual([]);
    expect(transcript.status).toBe('connecting to one:8080');
    transcript.line(welcome);
    expect(transcript.status).toBeUndefined();
    transcript.line({ type: 'live', seq: 5 });
    transcript.event({ type: 'lost' });
    expect(transcript.status).toBeUndefined();
    transcript.event({ type: 'connecting', server: 'two:8080' });
    expect(transcript.status).toBe('connecting to two:8080');
  });

  it('tells a lost connection once, the retries as a status, and what came meanwhile', () => {
    const transcript = joined();
    expect(shown(transcript.event({ type: 'lost' }))).toEqual(['The connection was lost.']);
    transcript.event({ type: 'retrying', seconds: 3 });
    expect(transcript.status).toBe('retrying in 3 s');
    expect(transcript.event({ type: 'lost' })).toEqual([]);
    expect(shown(transcript.line(welcome))).toEqual([]);
    transcript.line(says(6, 'x'));
    transcript.line(says(7, 'my own', { id: 'me' }));
    expect(shown(transcript.line({ type: 'live', seq: 7 }))).toEqual(['back with 1 new']);
    expect(transcript.status).toBeUndefined();
    expect(shown(transcript.event({ type: 'lost' }))).toEqual(['The connection was lost.']);
    transcript.line(welcome);
    expect(shown(transcript.line({ type: 'live', seq: 7 }))).toEqual(['back']);
  });

  it('has a line for each day that begins, and none for today', () => {
    const transcript = joined();
    expect(shown(transcript.line(says(1, 'today')))).toEqual(['alice: today']);
    expect(shown(transcript.line(says(2, 'old', { at: NOW - DAY })))).toEqual([dayOf(NOW - DAY), 'alice: old']);
    expect(shown(transcript.line(says(3, 'old', { at: NOW - DAY })))).toEqual(['alice: old']);
    expect(shown(transcript.line(says(4, 'new')))).toEqual(['Sunday 22 November 2026', 'alice: new']);
    expect(shown(transcript.line(says(5, 'no time', { at: Number.MAX_SAFE_INTEGER })))).toEqual(['alice: no time']);
  });

  it('begins a day with whoever comes, but not while the history is shown', () => {
    const carol = { type: 'joined', at: NOW, id: 'c', nick: 'carol' } as const;
    const transcript = joined([welcome, says(1, 'old', { at: NOW - DAY })]);
    expect(shown(transcript.line(carol))).toEqual(['carol joined']);
    transcript.line({ type: 'live', seq: 1 });
    expect(shown(transcript.line(carol))).toEqual(['Sunday 22 November 2026', 'carol joined']);
  });

  it('knows my lines by every id that I have had', () => {
    const transcript = joined();
    transcript.line({ ...welcome, id: 'me2' });
    expect(transcript.isOwn(says(1, 'x', { id: 'me' }))).toBe(true);
    expect(transcript.isOwn(says(1, 'x', { id: 'me2' }))).toBe(true);
    expect(transcript.isOwn(says(1, 'x', { nick: 'bob' }))).toBe(false);
  });

  it('takes what others say after the replay for fresh, and knows who is meant', () => {
    const transcript = joined([welcome]);
    const [old] = transcript.line(says(1, 'hi BOB.'));
    expect(old).toMatchObject({ own: false, mentioned: 'bob', fresh: false });
    transcript.line({ type: 'live', seq: 1 });
    expect(transcript.line(says(2, 'hi bobby'))[0]).toMatchObject({ mentioned: undefined, fresh: true });
    expect(transcript.line(says(3, 'I am bob', { id: 'me' }))[0]).toMatchObject({
      own: true,
      mentioned: undefined,
      fresh: false,
    });
  });

  it('follows my nick', () => {
    const transcript = joined();
    const renamed = { type: 'renamed', at: NOW, id: 'me', nick: 'bobby', was: 'bob' } as const;
    expect(shown(transcript.line(renamed))).toEqual(['you are now bobby']);
    expect(transcript.nick).toBe('bobby');
    expect(shown(transcript.line({ ...renamed, id: 'a' }))).toEqual(['bob is now bobby']);
    expect(shown(transcript.line({ ...welcome, nick: 'bob2' }))).toEqual(['You are now bob2.']);
  });

  it.each<[ShownLine, string]>([
    [welcome, 'You are bob in lobby; 2 others here.'],
    [{ ...welcome, present: 1 }, 'You are bob in lobby; nobody else is here.'],
    [{ ...welcome, created: true }, 'You are bob, and the room lobby is new; it is open to everybody.'],
    [{ type: 'crowd', at: NOW, joined: 57, left: 3, present: 1204 }, '57 more joined, 3 more left, 1,204 here'],
    [{ type: 'crowd', at: NOW, joined: 0, left: 3, present: 4 }, '3 more left, 4 here'],
    [{ type: 'members', members: [{ id: '1', nick: 'bob' }], present: 1 }, '1 here: bob'],
    [
      {
        type: 'members',
        members: [
          { id: '1', nick: 'a' },
          { id: '2', nick: 'b' },
        ],
        present: 1300,
      },
      '1,300 here: a, b and 1,298 more',
    ],
    [{ type: 'left', at: NOW, id: 'a', nick: 'alice' }, 'alice left'],
    [{ type: 'error', code: 'nick_taken', message: 'Taken.' }, 'Taken.'],
  ])('says what %j means', (line, text) => {
    expect(shown(new Transcript('', NOW).line(line))).toEqual([text]);
  });
});
