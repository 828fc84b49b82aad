// The room on the screen: what its session tells goes to the parts of the page, and what a person does goes back.

import { Composer } from './composer.page.js';
import { shown } from './marks.page.js';
import { nickProblem } from './names.page.js';
import { Drawer, People } from './people.page.js';
import { currentRoom, roomPath, socketUrl } from './place.page.js';
import { Question, wrongPassword } from './questions.page.js';
import { pendingRow, renderItem, spoken } from './rows.page.js';
import { RoomSession } from './session.page.js';
import { Standing } from './standing.page.js';
import { isKnownRoom, rememberedNick, rememberNick, rememberRoom, TabMemory, wasProtected } from './storage.page.js';
import { Transcript } from './transcript.page.js';
import { Announcer, Unread } from './unread.page.js';
import { WindowList } from './window-list.page.js';
import { counted, grouped } from './words.page.js';

const byId = (id) => document.getElementById(id);

export class RoomPage {
  #room = currentRoom();
  /** The one path of this room, however the URL spells it. */
  #path = roomPath(this.#room);
  #session = new RoomSession(socketUrl(), new TabMemory(location.pathname), this);
  #transcript = new Transcript();
  #list = new WindowList(
    { scroller: byId('messages'), canvas: byId('canvas'), rows: byId('rows') },
    renderItem,
    (atEnd) => this.#stands(atEnd),
  );
  #people = new People(byId('members'), document.querySelectorAll('.present'));
  #standing = new Standing({ bar: byId('standing'), words: byId('standing-words'), button: byId('standing-button') });
  #unread = new Unread();
  #announcer = new Announcer(byId('announcements'));
  #composer = new Composer(
    { form: byId('composer'), field: byId('text'), hint: byId('hint') },
    { say: (text) => this.#say(text), rename: (nick) => this.#session.command({ type: 'nick', nick }) },
  );
  #nickQuestion = new Question(byId('nick-question'), {
    problemOf: nickProblem,
    onAnswer: (nick) => this.#nickChosen(nick),
    onCancel: () => this.#session.giveUp('You have not joined: the room asks for a name.'),
  });
  #passwordQuestion = new Question(byId('password-question'), {
    problemOf: wrongPassword,
    onAnswer: (password) => this.#session.answerPassword(password),
    onCancel: () => this.#session.giveUp('You have not joined: this room has a password.'),
  });
  /**
   * `history` until the room is live: what comes then is not news. `catching up` after a lost connection: what comes then
   * is news, and counted instead of read aloud. `live`.
   */
  #phase = 'history';
  #missed = 0;
  #newBelow = 0;

  constructor() {
    byId('room-name').textContent = shown(this.#room);
    this.#unread.entitle(`${this.#room} · roomchat`);
    byId('to-end').addEventListener('click', () => {
      this.#list.toEnd();
      this.#composer.focus();
    });
    addEventListener('online', () => this.#session.tryNow());
    new Drawer({
      panel: byId('people'),
      opener: byId('people-opener'),
      closer: byId('people-closer'),
      shade: byId('shade'),
      behind: [byId('bar'), byId('conversation')],
    });
  }

  /**
   * `nick` and `password` are what was given on the page before, if anything was. Into a room where this browser has not
   * been, nobody is led under a remembered name by a link alone.
   */
  start(nick = this.#session.nick ?? (isKnownRoom(this.#path) ? rememberedNick() : undefined), password = undefined) {
    if (wasProtected(this.#path)) this.#session.demandProtection();
    this.#session.start(nick, password);
  }

  // What the session tells.

  changed(state) {
    this.#standing.changed(state, {
      tryNow: () => this.#session.tryNow(),
      joinAgain: () => this.#joinAgain(),
      joinOpen: () => this.#joinOpen(),
    });
    if (state.name === 'asking nick') this.#nickQuestion.ask(state.problem, this.#session.nick ?? rememberedNick());
    if (state.name === 'asking password') {
      this.#passwordQuestion.ask(state.wrong ? 'That is not the password of this room.' : undefined);
    }
    if (state.name === 'replaying' && this.#phase === 'live') this.#phase = 'catching up';
    if (state.name === 'live') this.#live();
  }

  entered(welcome, { sameLog, openDespitePassword }) {
    if (!sameLog) this.#beginAnew();
    rememberRoom(this.#path, welcome.protected);
    this.#people.entered(welcome);
    this.#nickGiven();
    if (openDespitePassword) {
      this.#note('This room has no password: it is open to everybody, and yours was not needed.');
    } else if (welcome.created) {
      this.#note(`The room ${this.#room} is new${welcome.protected ? ', and has the password that you gave' : ''}.`);
    }
    if (!sameLog && welcome.after > 0) this.#note('Older messages are in the room’s log; this page shows the latest.');
  }

  logged(line, own) {
    for (const item of this.#transcript.logged(line, own, this.#session.nick)) this.#list.append(item);
    if (this.#phase === 'history') this.#standing.counted();
    else if (!own) this.#news(this.#transcript.last);
  }

  told(line) {
    this.#people.told(line);
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
        for (const item of this.#transcript.direct(line)) this.#list.append(item);
        this.#news(this.#transcript.last);
        break;
      case 'error':
        this.#note(line.message);
        break;
    }
  }

  refused(text, why) {
    this.#composer.giveBack(text, `Not sent: ${why}`);
    this.#note(`Not sent: ${why}`);
  }

  outboxChanged(messages) {
    byId('pending').replaceChildren(...messages.map(({ text }) => pendingRow(text)));
    this.#list.draw();
  }

  // What follows from it.

  #beginAnew() {
    this.#phase = 'history';
    this.#transcript.clear();
    this.#list.clear();
    this.#list.hold();
  }

  #live() {
    if (this.#missed > 0)
      this.#announcer.say(`${counted(this.#missed, 'message')} came while the connection was lost.`);
    this.#missed = 0;
    this.#phase = 'live';
    this.#list.release();
    this.#session.command({ type: 'who' });
    if (document.activeElement === document.body) this.#composer.focus();
  }

  #news(item) {
    this.#unread.arrived();
    if (this.#phase === 'catching up') this.#missed += 1;
    else this.#announcer.say(spoken(item));
    if (!this.#list.isAtEnd) this.#newBelow += 1;
    this.#stands(this.#list.isAtEnd);
  }

  #stands(atEnd) {
    if (atEnd) this.#newBelow = 0;
    const button = byId('to-end');
    button.hidden = atEnd;
    button.textContent = this.#newBelow === 0 ? 'To the latest' : counted(this.#newBelow, 'new message');
  }

  #presence(move) {
    if (this.#phase === 'history') return;
    const { item, instead } = this.#transcript.presence(move);
    if (instead) this.#list.replaceLast(item);
    else this.#list.append(item);
  }

  #renamed({ id, nick, was }) {
    this.#presence({ nick: was, did: `is ${nick} now` });
    if (id !== this.#session.id) return;
    this.#nickGiven();
    rememberNick(nick);
  }

  #nickGiven() {
    byId('text').placeholder = `Write to ${this.#room} as ${this.#session.nick}`;
  }

  #note(text) {
    this.#list.append(this.#transcript.note(text));
  }

  // What a person does.

  #say(text) {
    this.#session.say(text);
    this.#list.toEnd();
  }

  #nickChosen(nick) {
    rememberNick(nick);
    this.#session.joinAs(nick);
  }

  #joinOpen() {
    const texts = this.#session.joinOpen();
    this.#composer.putBack(texts, 'This was not sent: the room is open now.');
  }

  #joinAgain() {
    if (this.#session.nick === undefined) this.#nickQuestion.ask();
    else this.#session.joinAgain();
  }
}
