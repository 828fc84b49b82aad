// The room on the screen: what its session tells goes to the parts of the page, and what a person does goes back. Never
// decides what a session does.

import {
  type EndKind,
  type ReceivedLine,
  RoomSession,
  type SayRefusal,
  type SessionEnd,
  type SessionObserver,
  type Welcome,
} from '../client/index.ts';
import type { Settings } from '../protocol/index.ts';
import {
  crowdText,
  doneText,
  moveOf,
  NOT_THE_KEY,
  OWNER_NOW,
  ownerTexts,
  settingsTexts,
  standingTexts,
  topicText,
} from '../view/index.ts';
import { nickProblem, passwordProblem } from './answers.ts';
import { browserDial } from './browser-socket.ts';
import { Composer } from './composer.ts';
import { Conversation } from './conversation.ts';
import { makeDrawer } from './drawer.ts';
import { byId } from './elements.ts';
import { shown } from './marks.ts';
import { ownerKeyStore } from './owner-keys.ts';
import { People } from './people.ts';
import { roomPath, socketUrl } from './place.ts';
import { Question } from './question.ts';
import { Standing } from './standing.ts';
import { isKnownRoom, rememberedNick, rememberNick, rememberRoom, wasProtected } from './storage.ts';
import { tabStore } from './tab-store.ts';
import { typedFor } from './typed.ts';

/** Lines of the past to ask for: a bound for this page's memory, not for the room. */
const MOST_HISTORY = 100_000;

/** Where a page has more to say of an end than its session. */
const END_SENTENCES = new Map<EndKind, string>([
  ['replaced', 'You are in this room in another tab or window.'],
  [
    'unprotected',
    'This room had a password and is now open to everybody. You have not joined it; what you wrote is kept.',
  ],
]);

export class RoomPage implements SessionObserver {
  readonly #room: string;
  readonly #path: string;
  readonly #password: string | undefined;
  readonly #session: RoomSession;
  readonly #conversation: Conversation;
  readonly #people = new People(byId('members', HTMLElement), document.querySelectorAll<HTMLElement>('.present'));
  readonly #standing = new Standing({
    bar: byId('standing', HTMLElement),
    words: byId('standing-words', HTMLElement),
    button: byId('standing-button', HTMLButtonElement),
  });
  readonly #composer: Composer;
  readonly #nickQuestion = new Question(byId('nick-question', HTMLDialogElement), nickProblem);
  readonly #passwordQuestion = new Question(byId('password-question', HTMLDialogElement), passwordProblem);
  #settings: Settings = {};
  /** A key was typed, and the next welcome says whether it fits. */
  #triesKey = false;
  /** What a person would not answer. */
  #declined: string | undefined;

  /** `password` is what was given on the page before, if anything was. */
  constructor(room: string, password: string | undefined) {
    this.#room = room;
    this.#path = roomPath(room);
    this.#password = password;
    // Into a room where this browser has not been, nobody is led under a remembered name by a link alone.
    const nick = isKnownRoom(this.#path) ? rememberedNick() : undefined;
    this.#session = new RoomSession(
      {
        dial: browserDial(socketUrl()),
        isPatient: true,
        nick: nick === undefined ? undefined : { name: nick, mayBeNumbered: false },
        password,
        protectedOnly: wasProtected(this.#path),
        last: MOST_HISTORY,
        store: tabStore(location.pathname),
        ownerKeys: ownerKeyStore(this.#path),
        askNick: (problem) => this.#askNick(problem),
        askPassword: (_, wrong) => this.#askPassword(wrong),
      },
      this,
    );
    this.#composer = new Composer(
      {
        form: byId('composer', HTMLFormElement),
        field: byId('text', HTMLTextAreaElement),
        hint: byId('hint', HTMLElement),
      },
      {
        onSay: (text) => this.#say(text),
        onNick: (nick) => this.#session.setNick(nick),
        onAct: (command) => this.#session.act(command),
        onOwner: (key) => this.#owner(key),
        onTopic: () => this.#conversation.note(topicText(this.#settings.topic)),
      },
    );
    this.#conversation = new Conversation(`${room} · roomchat`, () => this.#composer.focus());
    byId('room-name', HTMLElement).textContent = shown(room);
    addEventListener('online', () => this.#session.dialNow());
    makeDrawer({
      panel: byId('people', HTMLElement),
      opener: byId('people-opener', HTMLElement),
      closer: byId('people-closer', HTMLElement),
      shade: byId('shade', HTMLElement),
      behind: [byId('bar', HTMLElement), byId('conversation', HTMLElement)],
    });
  }

  /** `nick` is what was given on the page before, if anything was. */
  start(nick?: string): void {
    this.#drawPending();
    this.#session.start(nick);
  }

  // What the session tells.

  connecting(): void {
    this.#standing.connecting();
  }

  joined(welcome: Welcome, resumed: boolean, sameLog: boolean): void {
    this.#conversation.replaying(sameLog);
    this.#standing.loading();
    rememberRoom(this.#path, welcome.protected);
    this.#invite();
    if (this.#password !== undefined && !welcome.protected && !resumed) {
      this.#conversation.note('This room has no password: it is open to everyone, and yours was not needed.');
    } else if (welcome.created) {
      const guarded = welcome.protected ? ', and has the password that you gave' : '';
      this.#conversation.note(`The room ${this.#room} is new${guarded}.`);
    }
    this.#set(welcome, sameLog);
    if (this.#triesKey) this.#conversation.note(this.#session.ownerKey === undefined ? NOT_THE_KEY : OWNER_NOW);
    this.#triesKey = false;
    if (!sameLog && welcome.after > 0) {
      this.#conversation.note('Older messages are in the room’s log; this page shows only the latest.');
    }
  }

  live(): void {
    this.#standing.well();
    this.#conversation.live();
    this.#session.who();
    if (document.activeElement === document.body) this.#composer.focus();
  }

  line(line: ReceivedLine, _raw: string, own: boolean): void {
    this.#people.heard(line);
    switch (line.type) {
      case 'message':
      case 'notice':
        if (this.#conversation.isHistory) this.#standing.loaded();
        this.#conversation.logged(line, own, this.#session.nick ?? '');
        break;
      case 'joined':
      case 'left':
      case 'renamed':
        this.#conversation.presence(moveOf(line));
        if (own) this.#renamed();
        break;
      case 'crowd':
        this.#conversation.note(crowdText(line));
        this.#session.who();
        break;
      case 'direct':
        this.#conversation.direct(line);
        break;
      case 'settings':
        this.#set(line, true);
        break;
      case 'done':
        this.#conversation.note(doneText(line));
        break;
    }
  }

  receipt(): void {
    this.#drawPending();
  }

  refused(_ref: string, { text, message }: SayRefusal): void {
    this.#drawPending();
    this.#composer.putBack([typedFor(text)], `Not sent: ${message}`);
    this.#conversation.note(`Not sent: ${message}`);
  }

  trouble(_code: string, message: string): void {
    this.#conversation.note(message);
  }

  lost(reason: string): void {
    this.#standing.lost(reason, { label: 'Try now', run: () => this.#session.dialNow() });
  }

  ended({ kind, message }: SessionEnd): void {
    const sentence = this.#declined ?? END_SENTENCES.get(kind) ?? message;
    this.#declined = undefined;
    this.#standing.ended(
      sentence,
      kind === 'unprotected'
        ? { label: 'Join the open room', run: () => this.#startOpen() }
        : { label: 'Join again', run: () => this.#session.start() },
    );
  }

  // What a person does.

  #say(text: string): void {
    this.#session.say(text);
    this.#drawPending();
    this.#conversation.toEnd();
  }

  #owner(key: string | undefined): boolean {
    if (key !== undefined) {
      this.#triesKey = this.#session.becomeOwner(key);
      return this.#triesKey;
    }
    for (const text of ownerTexts(this.#session.ownerKey)) this.#conversation.note(text);
    return true;
  }

  #startOpen(): void {
    const texts = this.#session.startOpen().map(({ text }) => text);
    this.#drawPending();
    this.#composer.putBack(texts, 'This was not sent: the room is open now.');
  }

  async #askNick(problem: string | undefined): Promise<string | undefined> {
    this.#standing.well();
    const nick = await this.#nickQuestion.ask(problem, this.#session.nick ?? rememberedNick());
    if (nick === undefined) this.#declined = 'You have not joined: you need a name to join.';
    else rememberNick(nick);
    return nick;
  }

  async #askPassword(wrong: boolean): Promise<string | undefined> {
    this.#standing.well();
    const password = await this.#passwordQuestion.ask(wrong ? 'That is not the password of this room.' : '');
    if (password === undefined) this.#declined = 'You have not joined: this room has a password.';
    return password;
  }

  // What follows from it.

  /** `isNews`: what has changed is told; else what holds. */
  #set(settings: Settings, isNews: boolean): void {
    const texts = isNews ? settingsTexts(this.#settings, settings) : standingTexts(settings);
    this.#settings = settings;
    for (const text of texts) this.#conversation.note(text);
  }

  #renamed(): void {
    this.#invite();
    rememberNick(this.#session.nick ?? '');
  }

  #invite(): void {
    this.#composer.invite(`Write to ${this.#room} as ${this.#session.nick}`);
  }

  #drawPending(): void {
    this.#conversation.pending(this.#session.left);
  }
}
