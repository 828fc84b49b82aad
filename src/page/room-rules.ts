// What holds in the room, as its owners set it, and what an owner does from here. Says it in the conversation and in the header.

import type { RoomSession, Welcome } from '../client/index.ts';
import type { Settings } from '../protocol/index.ts';
import { NOT_THE_KEY, OWNER_NOW, ownerTexts, settingsTexts, standingTexts, topicText } from '../view/index.ts';
import type { PageCommand } from './typed.ts';

export type OwnersCommand = Exclude<PageCommand, { kind: 'nick' | 'ignore' | 'unignore' }>;

export interface RoomRulesParts {
  readonly note: (text: string) => void;
  readonly showTopic: (topic: string | undefined) => void;
}

const NOT_CONNECTED = 'There is no connection to the room right now: try again once it is back.';

export class RoomRules {
  #settings: Settings = {};
  /** A key was typed, and the next welcome says whether it fits. */
  #triesKey = false;
  readonly #session: RoomSession;
  readonly #parts: RoomRulesParts;

  constructor(session: RoomSession, parts: RoomRulesParts) {
    this.#session = session;
    this.#parts = parts;
  }

  /** `isNews`: the room was shown before, so that only what has changed meanwhile is told. */
  welcomed(welcome: Welcome, isNews: boolean): void {
    this.#set(welcome, isNews);
    if (this.#triesKey) this.#parts.note(this.#session.ownerKey === undefined ? NOT_THE_KEY : OWNER_NOW);
    this.#triesKey = false;
  }

  changed(settings: Settings): void {
    this.#set(settings, true);
  }

  /** Gives why it cannot be done. */
  do(command: OwnersCommand): string | undefined {
    switch (command.kind) {
      case 'act':
        return this.#session.act(command.command) ? undefined : NOT_CONNECTED;
      case 'owner':
        return this.#owner(command.key) ? undefined : NOT_CONNECTED;
      case 'topic':
        this.#parts.note(topicText(this.#settings.topic));
        return undefined;
      case 'password':
        return 'Type the new password behind it: /password NEW. Nobody else sees it.';
    }
  }

  #owner(key: string | undefined): boolean {
    if (key !== undefined) {
      this.#triesKey = this.#session.becomeOwner(key);
      return this.#triesKey;
    }
    for (const text of ownerTexts(this.#session.ownerKey)) this.#parts.note(text);
    return true;
  }

  #set(settings: Settings, isNews: boolean): void {
    const texts = isNews ? settingsTexts(this.#settings, settings) : standingTexts(settings);
    this.#settings = settings;
    this.#parts.showTopic(settings.topic);
    for (const text of texts) this.#parts.note(text);
  }
}
