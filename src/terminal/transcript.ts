// Turns what a session tells (the server's lines and the state of the connection) into what is shown, in order.
// It knows who I am and how far the replay is, and nothing of how things look. Its items hold texts as they came:
// whoever renders them cleans them.

import type { MessageLine, Settings, ShownLine, ShownWelcome } from '../protocol/index.ts';
import {
  counted,
  crowdText,
  dayOf,
  doneText,
  grouped,
  isMentioned,
  moveOf,
  type PresenceLine,
  settingsTexts,
  standingTexts,
} from '../view/index.ts';

/** What the client has to tell on its own account. `note` is for information, `problem` for what went wrong. */
export type LocalEvent =
  | { readonly type: 'lost' }
  | { readonly type: 'retrying'; readonly seconds: number }
  | { readonly type: 'connecting'; readonly server: string }
  | { readonly type: 'note' | 'problem'; readonly text: string };

export type Item =
  | {
      readonly kind: 'message';
      readonly line: MessageLine;
      readonly own: boolean;
      /** The nick that it calls me by, where it mentions me. */
      readonly mentioned: string | undefined;
      /** Said by another after the replay: it may ring the bell. */
      readonly fresh: boolean;
    }
  | { readonly kind: 'server'; readonly at: number; readonly text: string; readonly toMe: boolean }
  | { readonly kind: 'presence'; readonly at: number; readonly text: string }
  | { readonly kind: 'rule' | 'note' | 'problem'; readonly text: string };

type Phase = 'joining' | 'replaying' | 'live' | 'lost';

/** From here on a replay takes long enough for its progress to be of interest. */
const LONG_REPLAY = 500;

export class Transcript {
  readonly #ids = new Set<string>();
  #nick: string;
  #phase: Phase = 'joining';
  #wasLost = false;
  #welcome: ShownWelcome | undefined;
  #replayed = 0;
  #progress = 0;
  #day: string | undefined;
  #attempt: string | undefined;
  /** What is known to be set for the room. */
  #known: Settings = {};

  constructor(nick: string, now: number) {
    this.#nick = nick;
    // Today needs no line; the first older message does.
    this.#day = dayOf(now);
  }

  get nick(): string {
    return this.#nick;
  }

  get topic(): string | undefined {
    return this.#known.topic;
  }

  /** What goes on just now, for as long as it does. */
  get status(): string | undefined {
    if (this.#phase === 'joining' || this.#phase === 'lost') return this.#attempt;
    if (this.#phase !== 'replaying' || this.#replayed < LONG_REPLAY) return undefined;
    return `history: ${counted(this.#replayed, 'message')}, ${this.#progress} %`;
  }

  event(event: LocalEvent): Item[] {
    switch (event.type) {
      case 'retrying':
        this.#attempt = `retrying in ${event.seconds} s`;
        return [];
      case 'connecting':
        this.#attempt = `connecting to ${event.server}`;
        return [];
      case 'lost': {
        const known = this.#phase === 'lost';
        this.#phase = 'lost';
        this.#wasLost = true;
        this.#attempt = undefined;
        return known ? [] : [{ kind: 'problem', text: 'The connection was lost.' }];
      }
      default:
        return [{ kind: event.type, text: event.text }];
    }
  }

  line(line: ShownLine): Item[] {
    switch (line.type) {
      case 'welcome':
        return this.#welcomed(line);
      case 'message':
        // What I said myself is not news to me after an absence.
        this.#count(line.seq, !(this.#wasLost && this.isOwn(line)));
        return [...this.#newDay(line.at), this.#message(line)];
      case 'notice':
        this.#count(line.seq, true);
        return [...this.#newDay(line.at), { kind: 'server', at: line.at, text: line.text, toMe: false }];
      case 'direct':
        return [...this.#newDay(line.at), { kind: 'server', at: line.at, text: line.text, toMe: true }];
      case 'live':
        return this.#live();
      case 'joined':
      case 'left':
      case 'renamed':
        return this.#presence(line.at, this.#moved(line));
      case 'crowd':
        return this.#presence(line.at, crowdText(line));
      case 'members':
        return [{ kind: 'note', text: membersText(line) }];
      case 'error':
        return [{ kind: 'problem', text: line.message }];
      case 'settings':
        return this.#settings(line);
      case 'done':
        return [{ kind: 'note', text: doneText(line) }];
      case 'pong':
        return [];
    }
  }

  /** Whether it was said by me, under this id or one that I had before. */
  isOwn(line: MessageLine): boolean {
    return this.#ids.has(line.id);
  }

  #welcomed(line: ShownWelcome): Item[] {
    const renamed = this.#welcome !== undefined && line.nick !== this.#nick;
    const first = this.#welcome === undefined;
    this.#ids.add(line.id);
    this.#nick = line.nick;
    this.#welcome = line;
    this.#phase = 'replaying';
    this.#replayed = 0;
    this.#progress = 0;
    const rules = first ? standingTexts(line) : settingsTexts(this.#known, line);
    this.#known = line;
    const greeting = renamed ? `You are now ${line.nick}.` : first ? welcomeText(line) : undefined;
    return [...(greeting === undefined ? [] : [greeting]), ...rules].map((text) => ({ kind: 'note', text }));
  }

  #settings(line: Settings): Item[] {
    const texts = settingsTexts(this.#known, line);
    this.#known = line;
    return (texts.length === 0 ? ['Nothing has changed.'] : texts).map((text) => ({ kind: 'note', text }));
  }

  #message(line: MessageLine): Item {
    const own = this.isOwn(line);
    const mentioned = !own && isMentioned(line.text, this.#nick) ? this.#nick : undefined;
    return { kind: 'message', line, own, mentioned, fresh: !own && this.#phase === 'live' };
  }

  #count(seq: number, isNews: boolean): void {
    if (this.#phase !== 'replaying' || this.#welcome === undefined) return;
    if (isNews) this.#replayed++;
    const { after, seq: end } = this.#welcome;
    // seq rises, but not by one: a share of the way is all that can be known.
    if (end > after) this.#progress = Math.max(0, Math.min(99, Math.floor((100 * (seq - after)) / (end - after))));
  }

  #newDay(at: number): Item[] {
    const day = dayOf(at);
    if (day === undefined || day === this.#day) return [];
    this.#day = day;
    return [{ kind: 'rule', text: day }];
  }

  #presence(at: number, text: string): Item[] {
    // Between the lines of a replay, today's news would make the days go back and forth.
    const day = this.#phase === 'live' ? this.#newDay(at) : [];
    return [...day, { kind: 'presence', at, text }];
  }

  #live(): Item[] {
    const back = this.#wasLost;
    this.#phase = 'live';
    this.#wasLost = false;
    if (back) {
      return [{ kind: 'rule', text: this.#replayed === 0 ? 'back' : `back with ${grouped(this.#replayed)} new` }];
    }
    return this.#replayed === 0 ? [] : [{ kind: 'rule', text: `${counted(this.#replayed, 'message')} of history` }];
  }

  #moved(line: PresenceLine): string {
    if (line.type === 'renamed' && this.#ids.has(line.id)) {
      this.#nick = line.nick;
      return `you are now ${line.nick}`;
    }
    const { nick, did } = moveOf(line);
    return `${nick} ${did}`;
  }
}

function welcomeText(line: ShownWelcome): string {
  const door = line.protected ? 'it has a password' : 'it is open to everybody';
  if (line.created) return `You are ${line.nick}, and the room ${line.room} is new; ${door}.`;
  const others = Math.max(0, line.present - 1);
  const company = others === 0 ? 'nobody else is here' : `${counted(others, 'other')} here`;
  return `You are ${line.nick} in ${line.room}; ${company}.`;
}

function membersText(line: {
  readonly members: readonly { readonly nick: string }[];
  readonly present: number;
}): string {
  const nicks = line.members.map(({ nick }) => nick).join(', ');
  const rest = line.present - line.members.length;
  return `${grouped(line.present)} here: ${nicks}${rest > 0 ? ` and ${grouped(rest)} more` : ''}`;
}
