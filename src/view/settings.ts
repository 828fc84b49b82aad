// What is said of a room's settings, and of what its owner has done. Texts as they came: whoever shows them cleans them.

import { type DoneLine, durationText, type Settings } from '../protocol/index.ts';

export function topicText(topic: string | undefined): string {
  return topic === undefined || topic === '' ? 'The room has no topic.' : `Topic: ${topic}`;
}

/** What has changed from one to the other, a sentence each. */
export function settingsTexts(before: Settings, now: Settings): string[] {
  const texts: string[] = [];
  if (now.topic !== before.topic) {
    texts.push(now.topic === undefined ? 'The room has no topic any more.' : `The topic is now: ${now.topic}`);
  }
  if (now.readonly !== before.readonly) {
    texts.push(now.readonly ? 'The room is read-only: only its owners can write.' : 'Everybody can write again.');
  }
  if (now.slow !== before.slow) {
    texts.push(
      now.slow === undefined
        ? 'Slow mode is over.'
        : `Slow mode: everybody can write once in ${durationText(now.slow * 1000)}.`,
    );
  }
  return texts;
}

/** What somebody who joins should know. */
export function standingTexts({ topic, ...rules }: Settings): string[] {
  return [...(topic === undefined ? [] : [topicText(topic)]), ...settingsTexts({}, rules)];
}

const DONE = new Map<string, string>([
  ['kick', 'is out of the room'],
  ['ban', 'is banned from the room'],
  ['unban', 'is not banned any more'],
  ['mute', 'is muted'],
  ['unmute', 'can write again'],
]);

/** What an owner is told of a command that was done. */
export function doneText({ command, nick, id, for: seconds }: DoneLine): string {
  if (command === 'password') return 'The room has a new password. Who is here stays.';
  const did = DONE.get(command) ?? `${command}: done`;
  const end = seconds === undefined ? '' : ` for ${durationText(seconds * 1000)}`;
  return `${nick ?? id ?? 'The client'} ${did}${end}.`;
}

/** What is said to whoever asks for the owners' key; undefined: they are no owner. */
export function ownerTexts(key: string | undefined): string[] {
  if (key === undefined) return ['You are not an owner of this room. With the key of its owners: /owner KEY'];
  return [
    `The key of this room's owners: ${key}`,
    'Keep it: it is not shown to anybody else. Whoever has it becomes an owner with /owner KEY.',
  ];
}

export const OWNER_OF_NEW = 'It is yours: /help lists what its owner can do.';
export const OWNER_NOW = 'You are an owner of this room.';
export const NOT_THE_KEY = "This is not the key of this room's owners.";
