// This page's session with the room, over as many connections as it takes: joins, reads on where it was, and brings
// every message through once. All changes of its state are here. Never touches the document.

import { numberedNick } from '../protocol/index.ts';
import { BackOff } from './back-off.page.js';
import { Connection } from './connection.page.js';
import { endsConnection, STAY_OUT } from './endings.page.js';
import { Membership } from './membership.page.js';
import { Outbox } from './outbox.page.js';

const HIGHEST_NUMBER = 99;

/**
 * The state is one of:
 * `asking nick` { problem }, `asking password` { wrong }: a person has to answer;
 * `connecting`, `replaying`, `live` { connection };
 * `waiting` { reason, timer }: dials again by itself;
 * `ended` { message, isOpen }: does not, until it is told to; `isOpen`: the room is open where it was protected.
 */
export class RoomSession {
  #url;
  #memory;
  #view;
  #state = { name: 'asking nick' };
  #membership;
  #outbox;
  #backOff = new BackOff();
  #nick;
  /** For the next connection alone. */
  #password;
  /** Whether the nick was this client's own once: then it comes back under a number where somebody took it. */
  #settled;

  /** The view is told `changed`, `entered`, `logged`, `told`, `refused` and `outboxChanged`, in the order of events. */
  constructor(url, memory, view) {
    const saved = memory.read();
    this.#url = url;
    this.#memory = memory;
    this.#view = view;
    this.#membership = new Membership(saved);
    this.#outbox = new Outbox(saved.outbox ?? []);
    this.#nick = saved.nick;
    this.#settled = saved.nick !== undefined;
  }

  /** The nick in the room, or the one to join with. */
  get nick() {
    return this.#nick;
  }

  get id() {
    return this.#membership.id;
  }

  // What a person does.

  /** Joins under a nick; without one it asks for it. */
  start(nick, password) {
    this.#nick = nick;
    this.#view.outboxChanged(this.#outbox.messages);
    if (nick === undefined) this.#change({ name: 'asking nick' });
    else this.#connect(password);
  }

  /** The room was protected when this browser was last in it. */
  demandProtection() {
    this.#membership.demandProtection();
  }

  joinAs(nick) {
    this.#nick = nick;
    this.#connect(this.#password);
  }

  answerPassword(password) {
    this.#connect(password);
  }

  giveUp(message) {
    this.#finish(message);
  }

  /** After an end: as somebody new, who reads on where this page was. */
  joinAgain() {
    this.#backOff.reset();
    this.#connect(undefined);
  }

  /** Although it was protected. What is pending was not meant for an open room: the texts are given back. */
  joinOpen() {
    this.#membership.acceptOpen();
    const texts = this.#outbox.takeAll();
    this.#outboxChanged();
    this.joinAgain();
    return texts;
  }

  tryNow() {
    if (this.#state.name !== 'waiting') return;
    clearTimeout(this.#state.timer);
    this.#connect(undefined);
  }

  say(text) {
    this.#outbox.add(text);
    this.#flush();
  }

  /** False: not connected. */
  command(command) {
    const isJoined = this.#state.name === 'replaying' || this.#state.name === 'live';
    if (isJoined) this.#state.connection.send(command);
    return isJoined;
  }

  // Connecting.

  #connect(password) {
    this.#password = password;
    const connection = new Connection(this.#url, {
      opened: () => this.#join(),
      received: (line) => this.#received(line),
      closed: (consequence) => this.#closed(consequence),
    });
    this.#change({ name: 'connecting', connection });
  }

  #join() {
    const command = this.#membership.join(this.#nick, this.#password, this.#outbox.hasSent);
    // The attempt has to be known to the next page even where this one is gone before the answer.
    this.#save();
    this.#state.connection.send(command);
  }

  #closed(consequence) {
    switch (consequence.next) {
      case 'come back':
        this.#comeBack(consequence.reason);
        break;
      case 'ask password':
        this.demandProtection();
        this.#change({ name: 'asking password', wrong: consequence.wrong });
        break;
      case 'stay out':
        this.#stayOut();
        break;
      default:
        this.#finish(consequence.message);
    }
  }

  /** With its password back, the room has the same client again: after a reload. */
  #stayOut() {
    this.#save();
    this.#change({ name: 'ended', message: STAY_OUT.message, isOpen: true });
  }

  /** Who was sent away, or goes on in another tab, is not the same client again: not even after a reload. */
  #finish(message) {
    this.#membership.forgetIdentity();
    this.#save();
    this.#change({ name: 'ended', message });
  }

  #comeBack(reason) {
    const timer = setTimeout(() => this.#connect(undefined), this.#backOff.next());
    this.#change({ name: 'waiting', reason, timer });
  }

  // What the server says.

  #received(line) {
    switch (line.type) {
      case 'welcome':
        this.#welcomed(line);
        break;
      case 'key':
        this.#membership.rekeyed(line.key);
        this.#save();
        break;
      case 'message':
      case 'notice':
        if (this.#membership.advance(line)) this.#logged(line);
        break;
      case 'live':
        this.#live();
        break;
      case 'renamed':
        if (line.id === this.id) this.#takeNick(line.nick);
        this.#view.told(line);
        break;
      case 'error':
        this.#failed(line);
        break;
      default:
        this.#view.told(line);
    }
  }

  #welcomed(line) {
    if (!this.#membership.accepts(line)) {
      this.#state.connection.drop();
      this.#stayOut();
      return;
    }
    const sameLog = this.#membership.welcomed(line);
    const openDespitePassword = this.#password !== undefined && !line.protected;
    this.#password = undefined;
    this.#takeNick(line.nick);
    this.#outbox.joined();
    this.#save();
    this.#view.entered(line, { sameLog, openDespitePassword });
    this.#change({ name: 'replaying', connection: this.#state.connection });
    this.#flush();
  }

  #takeNick(nick) {
    this.#nick = nick;
    this.#settled = true;
    this.#save();
  }

  /** A line of the log that has not been handled before. */
  #logged(line) {
    const isReceipt = line.type === 'message' && this.#outbox.strike(line.id, line.ref);
    if (isReceipt) this.#outboxChanged();
    this.#view.logged(line, isReceipt || this.#membership.isOwn(line.id));
  }

  #live() {
    // Not at the welcome: a server that falls over during every replay is given time.
    this.#backOff.reset();
    this.#outbox.settle();
    this.#change({ name: 'live', connection: this.#state.connection });
    this.#flush();
  }

  #failed(line) {
    const refused = this.#outbox.remove(line.ref);
    if (refused !== undefined) {
      this.#outboxChanged();
      this.#view.refused(refused.text, line.message);
    } else if (line.code === 'nick_taken' && this.#state.name === 'connecting') {
      this.#joinUnderAnotherNick(line.message);
    } else if (!endsConnection(line.code)) {
      if (line.code === 'resume_invalid') this.#membership.forgetIdentity();
      if (line.code === 'epoch_changed') this.#membership.forgetLog();
      this.#view.told(line);
    }
  }

  #joinUnderAnotherNick(problem) {
    if (this.#settled) {
      this.#nick = numberedNick(this.#nick, 2 + Math.floor(Math.random() * (HIGHEST_NUMBER - 1)));
      this.#join();
    } else {
      this.#state.connection.drop();
      this.#change({ name: 'asking nick', problem });
    }
  }

  // Keeping and sending.

  #flush() {
    const { name, connection } = this.#state;
    const lines = name === 'replaying' || name === 'live' ? this.#outbox.take(this.id) : [];
    // Written down first: a page that is reloaded now must know that these may be in the room.
    this.#outboxChanged();
    for (const line of lines) connection.sendLine(line);
  }

  #outboxChanged() {
    this.#save();
    this.#view.outboxChanged(this.#outbox.messages);
  }

  #save() {
    this.#memory.write({
      ...this.#membership.toJSON(),
      nick: this.#settled ? this.#nick : undefined,
      outbox: this.#outbox,
    });
  }

  #change(state) {
    this.#state = state;
    this.#view.changed(state);
  }
}
