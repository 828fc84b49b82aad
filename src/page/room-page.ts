// The room on the screen: what its session tells goes to the parts of the page, and what a person does goes back. Never
// decides what a session does.

import type { ErrorLine, LogLine, RenamedLine, ShownLine, ShownWelcome } from '../protocol/index.ts';
import { Announcer } from './announcer.ts';
import { nickProblem, passwordProblem } from './answers.ts';
import { Composer } from './composer.ts';
import { makeDrawer } from './drawer.ts';
import { byId } from './elements.ts';
import { shown } from './marks.ts';
import { People } from './people.ts';
import { roomPath, socketUrl } from './place.ts';
import { Question } from './question.ts';
import { pendingRow, renderItem } from './rows.ts';
import { RoomSession } from './session.page.js';
import { spoken } from './spoken.ts';
import { Standing } from './standing.ts';
import { isKnownRoom, rememberedNick, rememberNick, rememberRoom, wasProtected } from './storage.ts';
import { TabMemory } from './tab-memory.ts';
import { type Item, type Move, Transcript } from './transcript.ts';
import { Unread } from './unread.ts';
import { WindowList } from './window-list.ts';
import { counted, grouped } from './words.ts';

type State =
  | { readonly name: 'asking nick'; readonly problem?: string }
  | { readonly name: 'asking password'; readonly wrong: boolean }
  | { readonly name: 'connecting' | 'replaying' | 'live' }
  | { readonly name: 'waiting'; readonly reason: string }
  | { readonly name: 'ended'; readonly message: string; readonly isOpen?: boolean };

export class RoomPage {
  readonly #room: string;
  readonly #path: string;
  readonly #session: RoomSession;
  readonly #transcript = new Transcript();
  readonly #list: WindowList<Item>;
  readonly #people = new People(byId('members', HTMLElement), document.querySelectorAll<HTMLElement>('.present'));
  readonly #standing = new Standing({
    bar: byId('standing', HTMLElement),
    words: byId('standing-words', HTMLElement),
    button: byId('standing-button', HTMLButtonElement),
  });
  readonly #unread: Unread;
  readonly #announcer = new Announcer(byId('announcements', HTMLElement));
  readonly #composer: Composer;
  readonly #nickQuestion: Question;
  readonly #passwordQuestion: Question;
  readonly #toEnd = byId('to-end', HTMLButtonElement);
  /**
   * `history` until the room is live: what comes then is not news. `catching up` after a lost connection: what comes then
   * is news, and counted instead of read aloud. `live`.
   */
  #phase: 'history' | 'catching up' | 'live' = 'history';
  #missed = 0;
  #newBelow = 0;

  constructor(room: string) {
    this.#room = room;
    this.#path = roomPath(room);
    this.#session = new RoomSession(socketUrl(), new TabMemory(location.pathname), this);
    this.#list = new WindowList<Item>({
      scroller: byId('messages', HTMLElement),
      canvas: byId('canvas', HTMLElement),
      rows: byId('rows', HTMLElement),
      render: renderItem,
      onPlace: (atEnd) => this.#stands(atEnd),
    });
    this.#unread = new Unread(`${room} · roomchat`);
    this.#composer = new Composer(
      {
        form: byId('composer', HTMLFormElement),
        field: byId('text', HTMLTextAreaElement),
        hint: byId('hint', HTMLElement),
      },
      {
        onSay: (text) => {
          this.#session.say(text);
          this.#list.toEnd();
        },
        onNick: (nick) => this.#session.command({ type: 'nick', nick }),
      },
    );
    this.#nickQuestion = new Question(byId('nick-question', HTMLDialogElement), {
      problemOf: nickProblem,
      onAnswer: (nick) => {
        rememberNick(nick);
        this.#session.joinAs(nick);
      },
      onCancel: () => this.#session.giveUp('You have not joined: you need a name to join.'),
    });
    this.#passwordQuestion = new Question(byId('password-question', HTMLDialogElement), {
      problemOf: passwordProblem,
      onAnswer: (password) => this.#session.answerPassword(password),
      onCancel: () => this.#session.giveUp('You have not joined: this room has a password.'),
    });
    byId('room-name', HTMLElement).textContent = shown(room);
    this.#toEnd.addEventListener('click', () => {
      this.#list.toEnd();
      this.#composer.focus();
    });
    addEventListener('online', () => this.#session.tryNow());
    makeDrawer({
      panel: byId('people', HTMLElement),
      opener: byId('people-opener', HTMLElement),
      closer: byId('people-closer', HTMLElement),
      shade: byId('shade', HTMLElement),
      behind: [byId('bar', HTMLElement), byId('conversation', HTMLElement)],
    });
  }

  /**
   * `nick` and `password` are what was given on the page before, if anything was. Into a room where this browser has not
   * been, nobody is led under a remembered name by a link alone.
   */
  start(nick?: string, password?: string): void {
    if (wasProtected(this.#path)) this.#session.demandProtection();
    const known = this.#session.nick ?? (isKnownRoom(this.#path) ? rememberedNick() : undefined);
    this.#session.start(nick ?? known, password);
  }

  // What the session tells.

  changed(state: State): void {
    switch (state.name) {
      case 'connecting':
        this.#standing.connecting();
        break;
      case 'replaying':
        this.#standing.loading();
        if (this.#phase === 'live') this.#phase = 'catching up';
        break;
      case 'live':
        this.#standing.well();
        this.#live();
        break;
      case 'waiting':
        this.#standing.lost(state.reason, { label: 'Try now', run: () => this.#session.tryNow() });
        break;
      case 'ended':
        this.#standing.ended(
          state.message,
          state.isOpen
            ? { label: 'Join the open room', run: () => this.#joinOpen() }
            : { label: 'Join again', run: () => this.#joinAgain() },
        );
        break;
      case 'asking nick':
        this.#standing.well();
        this.#nickQuestion.ask(state.problem, this.#session.nick ?? rememberedNick());
        break;
      case 'asking password':
        this.#standing.well();
        this.#passwordQuestion.ask(state.wrong ? 'That is not the password of this room.' : '');
        break;
    }
  }

  entered(
    welcome: ShownWelcome,
    { sameLog, openDespitePassword }: { sameLog: boolean; openDespitePassword: boolean },
  ): void {
    if (!sameLog) this.#beginAnew();
    rememberRoom(this.#path, welcome.protected);
    this.#people.heard(welcome);
    this.#nickGiven();
    if (openDespitePassword) {
      this.#note('This room has no password: it is open to everyone, and yours was not needed.');
    } else if (welcome.created) {
      this.#note(`The room ${this.#room} is new${welcome.protected ? ', and has the password that you gave' : ''}.`);
    }
    if (!sameLog && welcome.after > 0)
      this.#note('Older messages are in the room’s log; this page shows only the latest.');
  }

  logged(line: LogLine, own: boolean): void {
    this.#list.append(...this.#transcript.logged(line, own, this.#session.nick ?? ''));
    if (this.#phase === 'history') this.#standing.loaded();
    else if (!own) this.#news(this.#transcript.last);
  }

  told(line: Exclude<ShownLine, LogLine | ShownWelcome>): void {
    this.#people.heard(line);
    switch (line.type) {
      case 'joined':
      case 'left':
        this.#presence({ nick: line.nick, did: line.type });
        break;
      case 'renamed':
        this.#renamed(line);
        break;
      case 'crowd':
        this.#note(`${grouped(line.joined)} more joined and ${grouped(line.left)} more left.`);
        this.#session.command({ type: 'who' });
        break;
      case 'direct':
        this.#list.append(...this.#transcript.direct(line));
        this.#news(this.#transcript.last);
        break;
      case 'error':
        this.#note((line satisfies ErrorLine).message);
        break;
    }
  }

  refused(text: string, why: string): void {
    this.#composer.putBack([text], `Not sent: ${why}`);
    this.#note(`Not sent: ${why}`);
  }

  outboxChanged(messages: readonly { readonly text: string }[]): void {
    byId('pending', HTMLElement).replaceChildren(...messages.map(({ text }) => pendingRow(text)));
    this.#list.draw();
  }

  // What follows from it.

  #beginAnew(): void {
    this.#phase = 'history';
    this.#transcript.clear();
    this.#list.clear();
    this.#list.hold();
  }

  #live(): void {
    if (this.#missed > 0)
      this.#announcer.say(`${counted(this.#missed, 'message')} came while the connection was lost.`);
    this.#missed = 0;
    this.#phase = 'live';
    this.#list.release();
    this.#session.command({ type: 'who' });
    if (document.activeElement === document.body) this.#composer.focus();
  }

  #news(item: Item | undefined): void {
    this.#unread.arrived();
    if (this.#phase === 'catching up') this.#missed += 1;
    else this.#announcer.say(spoken(item) ?? '');
    if (!this.#list.isAtEnd) this.#newBelow += 1;
    this.#stands(this.#list.isAtEnd);
  }

  #stands(atEnd: boolean): void {
    if (atEnd) this.#newBelow = 0;
    this.#toEnd.hidden = atEnd;
    this.#toEnd.textContent = this.#newBelow === 0 ? 'Jump to latest' : counted(this.#newBelow, 'new message');
  }

  #presence(move: Move): void {
    if (this.#phase === 'history') return;
    const { item, instead } = this.#transcript.presence(move);
    if (instead) this.#list.replaceLast(item);
    else this.#list.append(item);
  }

  #renamed({ id, nick, was }: RenamedLine): void {
    this.#presence({ nick: was, did: `is now ${nick}` });
    if (id !== this.#session.id) return;
    this.#nickGiven();
    rememberNick(nick);
  }

  #nickGiven(): void {
    this.#composer.invite(`Write to ${this.#room} as ${this.#session.nick}`);
  }

  #note(text: string): void {
    this.#list.append(this.#transcript.note(text));
  }

  // What a person does.

  #joinOpen(): void {
    this.#composer.putBack(this.#session.joinOpen(), 'This was not sent: the room is open now.');
  }

  #joinAgain(): void {
    if (this.#session.nick === undefined) this.#nickQuestion.ask();
    else this.#session.joinAgain();
  }
}
