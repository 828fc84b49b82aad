// The part of `roomchat admin` about what holds in a room: set, mute, unmute, owner.

import { type Command, InvalidArgumentError } from 'commander';
import { durationText, exceedsBytes, type Fields, MAX_SLOW_SECONDS, MAX_TOPIC_BYTES } from '../protocol/index.ts';
import { nickAndRoom, order, subcommand } from './admin-answers.ts';
import type { ControlFlags } from './control.ts';
import { duration, roomName, utc } from './values.ts';

const SET_NOTES = `
Without a flag it shows what is set. Owners of a room set the same with /topic, /readonly and /slow.

Examples:
  $ roomchat admin set lobby --topic "Release on Friday"
  $ roomchat admin set lobby --topic ""              no topic any more
  $ roomchat admin set news --readonly on            only its owners may write
  $ roomchat admin set lobby --slow 10s              one message in ten seconds from each client`;

const OWNER_NOTES = `
Whoever makes a room gets its owners' key once. With /owner KEY anybody who is given it becomes an owner, too.`;

interface SetFlags extends ControlFlags {
  readonly topic?: string;
  readonly readonly?: boolean;
  readonly slow?: number;
}

export function defineRules(admin: Command): void {
  subcommand(admin, 'set', "change a room's topic and who may write in it when")
    .argument('<room>', 'the room', roomName)
    .option('--topic <text>', 'what the room is about; "" for none', topicText)
    .option('--readonly <on|off>', 'whether only its owners may write', onOrOff)
    .option('--slow <time>', 'how long a client waits between two messages, as in 10s or 1m; off', slowSeconds)
    .addHelpText('after', SET_NOTES)
    .action((room: string, { topic, readonly, slow, ...flags }: SetFlags) =>
      order(flags, { type: 'set', room, topic, readonly, slow }, settingsSentence),
    );

  subcommand(admin, 'mute', 'let a client read, but not write')
    .argument('<client-id>', 'its id, or a prefix that no other id has')
    .option('--for <time>', 'how long, as in 30s, 15m, 2h or 7d', duration, 600)
    .action((id: string, { for: seconds, ...flags }: ControlFlags & { readonly for: number }) =>
      order(flags, { type: 'mute', id, for: seconds }, (done) => `Muted ${nickAndRoom(done)}${untilOf(done)}.`),
    );

  subcommand(admin, 'unmute', 'let a client write again')
    .argument('<room>', 'the room', roomName)
    .argument('<client>', 'its id or the beginning of it, or its nick when it was muted')
    .action((room: string, target: string, flags: ControlFlags) =>
      order(flags, { type: 'unmute', room, target }, (done) => `${nickAndRoom(done)} may write again.`),
    );

  subcommand(admin, 'owner', "show the key of a room's owners")
    .argument('<room>', 'the room', roomName)
    .option('--new', 'give the room a new key: whoever has the old one is no owner any more')
    .addHelpText('after', OWNER_NOTES)
    .action((room: string, { new: isNew, ...flags }: ControlFlags & { readonly new?: true }) =>
      order(flags, { type: 'owner', room, new: isNew }, ({ key }) => `${key}`),
    );
}

function topicText(text: string): string {
  if (exceedsBytes(text, MAX_TOPIC_BYTES))
    throw new InvalidArgumentError(`A topic has at most ${MAX_TOPIC_BYTES} bytes.`);
  return text;
}

function onOrOff(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('It takes on or off.');
  return text === 'on';
}

function slowSeconds(text: string): number {
  const seconds = text === 'off' ? 0 : duration(text);
  if (seconds > MAX_SLOW_SECONDS)
    throw new InvalidArgumentError('It takes a time of at most a day, such as 10s, or off.');
  return seconds;
}

function untilOf({ until }: Fields): string {
  return typeof until === 'number' ? ` until ${utc(until)} UTC` : '';
}

function settingsSentence({ room, topic, readonly, slow }: Fields): string {
  const rules = [
    typeof topic === 'string' ? `topic "${topic}"` : 'no topic',
    readonly === true ? 'read-only' : 'open to write',
    typeof slow === 'number' ? `slow mode, ${durationText(slow * 1000)}` : 'no slow mode',
  ];
  return `${room}: ${rules.join('; ')}.`;
}
