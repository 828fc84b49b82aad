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
import type { LogLine } from '../protocol/index.ts';
import { crowdText, doneText, isMentioned, moveOf } from '../view/index.ts';
import { nickProblem, passwordProblem } from './answers.ts';
import { Bell } from './bell.ts';
import { browserDial } from './browser-socket.ts';
import { Composer } from './composer.ts';
import { Conversation } from './conversation.ts';
import { makeDrawer } from './drawer.ts';
import { byId } from './elements.ts';
import { Ignored } from './ignored.ts';
import { ignore, unignore } from './ignoring.ts';
import { ownerKeyStore } from './owner-keys.ts';
import { People } from './people.ts';
import { roomPath, socketUrl } from './place.ts';
import { Question } from './question.ts';
import { RoomHeader } from './room-header.ts';
import { composerParts, drawerParts, searchParts, standingParts } from './room-parts.ts';
import { RoomRules } from './room-rules.ts';
import { makeSearch } from './search.ts';
import { lastSeen, rememberSeen } from './seen.ts';
import { Sharing } from './sharing.ts';
import { Standing } from './standing.ts';
import { isKnownRoom, rememberedNick, rememberNick, rememberRoom, wasProtected } from './storage.ts';
import { draftOf, keepDraft, tabStore } from './tab-store.ts';
import { type PageCommand, typedFor } from './typed.ts';

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
  readonly #standing = new Standing(standingParts());
  readonly #composer: Composer;
  readonly #header: RoomHeader;
  readonly #sharing = new Sharing();
  readonly #ignored = new Ignored();
  readonly #bell = new Bell(byId('bell', HTMLButtonElement), (why) => this.#conversation.note(why));
  readonly #nickQuestion = new Question(byId('nick-question', HTMLDialogElement), nickProblem);
  readonly #passwordQuestion = new Question(byId('password-question', HTMLDialogElement), passwordProblem);
  /** The log that is shown. */
  #epoch: string | undefined;
  #isProtected = false;
  /** Who spoke, the latest last. */
  readonly #speakers = new Set<string>();
  readonly #rules: RoomRules;
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
        // In a second tab the first one has that name already.
        nick: nick === undefined ? undefined : { name: nick, mayBeNumbered: true },
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
    this.#composer = new Composer(composerParts(), {
      onSay: (text) => this.#say(text),
      onCommand: (command) => this.#do(command),
      onDraft: (text) => keepDraft(this.#path, text),
      onKey: (event) => this.#conversation.pressed(event),
      nicks: () => this.#likely(),
    });
    this.#composer.restore(draftOf(this.#path));
    this.#conversation = new Conversation(
      `${room} · roomchat`,
      (line) => this.#ignored.has(line),
      () => this.#composer.focus(),
    );
    this.#header = new RoomHeader(room);
    this.#rules = new RoomRules(this.#session, {
      note: (text) => this.#conversation.note(text),
      showTopic: (topic) => this.#header.showTopic(topic),
    });
    makeSearch(searchParts(), {
      find: (words) => this.#conversation.find(words),
      show: (place) => this.#conversation.show(place),
      onClosed: () => this.#composer.focus(),
    });
    for (const name of ['pagehide', 'visibilitychange', 'blur']) addEventListener(name, () => this.#keepSeen(), true);
    addEventListener('online', () => this.#session.dialNow());
    makeDrawer(drawerParts());
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
    const seen = lastSeen(this.#path);
    this.#epoch = welcome.epoch;
    this.#conversation.replaying(sameLog, seen?.epoch === welcome.epoch ? seen.seq : undefined);
    this.#header.joined(welcome.protected);
    this.#composer.enable(true);
    this.#standing.loading();
    this.#isProtected = welcome.protected;
    rememberRoom(this.#path, welcome.protected);
    this.#invite();
    if (this.#password !== undefined && !welcome.protected && !resumed) {
      this.#conversation.note('This room has no password: it is open to everyone, and yours was not needed.');
    } else if (welcome.created) {
      const guarded = welcome.protected ? ', and has the password that you gave' : '';
      this.#conversation.note(`The room ${this.#room} is new${guarded}.`);
    }
    this.#rules.welcomed(welcome, sameLog);
    if (!sameLog && welcome.after > 0) {
      this.#conversation.note('Older messages are in the room’s log; this page shows only the latest.');
    }
  }

  live(): void {
    this.#standing.well();
    this.#conversation.live();
    if (this.#conversation.isEmpty) this.#sharing.show(this.#path, this.#isProtected);
    this.#session.who();
    if (document.activeElement === document.body) this.#composer.focus();
  }

  line(line: ReceivedLine, _raw: string, own: boolean): void {
    this.#people.heard(line);
    switch (line.type) {
      case 'message':
      case 'notice':
        if (this.#conversation.isHistory) this.#standing.loaded();
        this.#logged(line, own);
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
        this.#bell.tell(`The server, to you alone, in ${this.#room}`, line.text);
        break;
      case 'settings':
        this.#rules.changed(line);
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
    // What was written for a room that is open now may still be taken elsewhere.
    this.#composer.enable(kind === 'unprotected');
    this.#composer.invite('You are not in this room.');
    this.#people.clear();
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

  #do(command: PageCommand): string | undefined {
    switch (command.kind) {
      case 'nick':
        return this.#session.setNick(command.nick) ? undefined : 'You can change your name once the room is back.';
      case 'ignore':
      case 'unignore':
        this.#ignore(command.nick, command.kind === 'unignore');
        return undefined;
      default:
        return this.#rules.do(command);
    }
  }

  #ignore(nick: string | undefined, isEnd: boolean): void {
    const whom = { own: this.#session.nick, idsOf: (nick: string) => this.#people.idsOf(nick) };
    const sentence = isEnd && nick !== undefined ? unignore(this.#ignored, nick) : ignore(this.#ignored, nick, whom);
    this.#conversation.leaveOut();
    this.#conversation.note(sentence);
    this.#conversation.toEnd();
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

  #logged(line: LogLine, own: boolean): void {
    this.#sharing.hide();
    const nick = this.#session.nick ?? '';
    this.#conversation.logged(line, own, nick);
    if (line.type !== 'message') return;
    this.#speakers.delete(line.nick);
    if (own) return;
    this.#speakers.add(line.nick);
    if (this.#conversation.isHistory || this.#ignored.has(line) || !isMentioned(line.text, nick)) return;
    this.#bell.tell(`${line.nick} in ${this.#room}`, line.text);
  }

  /** Whom a message may be meant for: those who spoke last, then all who are here. */
  #likely(): string[] {
    const nicks = new Set([...[...this.#speakers].reverse(), ...this.#people.nicks]);
    nicks.delete(this.#session.nick ?? '');
    return [...nicks];
  }

  #keepSeen(): void {
    const { seen: seq } = this.#conversation;
    if (seq !== undefined && this.#epoch !== undefined) rememberSeen(this.#path, { epoch: this.#epoch, seq });
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
