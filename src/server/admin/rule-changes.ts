// Changes of what holds in a room: its settings, who is muted, and the key of its owners. For owners and the admin alike;
// who may do it is decided before.

import type { Mute, RoomRules } from '../../log/index.ts';
import { ControlError, foldNick, type SettingsChange } from '../../protocol/index.ts';
import { customerText } from '../addresses/network.ts';
import type { Room } from '../room/room.ts';
import { settingsOf } from '../room/rules.ts';
import { type LocatedClient, saved, theClient } from './admin-answers.ts';
import type { AdminContext } from './admin-context.ts';
import { askOne } from './everywhere.ts';

/** Mutes of a room at once: they are kept in its room.json, and looked through for every message. */
const MOST_MUTES = 200;

/** Holds from this turn on, and is told to everybody. False: nothing had to be changed. Rejects with ControlError. */
export async function changeSettings(ref: number, room: Room, wanted: SettingsChange): Promise<boolean> {
  const changed = (rules: RoomRules) => withSettings(rules, wanted);
  const wouldBe = settingsOf(changed(room.log.meta.rules ?? {}));
  if (JSON.stringify(wouldBe) === JSON.stringify(room.rules.settings)) return false;
  await change(ref, room, 'The setting', changed);
  return true;
}

/** It may not speak until then, also under another id from the same address. Rejects with ControlError. */
export async function mute(
  { clock }: Pick<AdminContext, 'clock'>,
  ref: number,
  room: Room,
  { id, nick, address }: LocatedClient,
  until: number,
): Promise<void> {
  const network = customerText(address);
  const muted: Mute = { id, nick, ...(network === undefined ? {} : { network }), until };
  let isFull = false;
  await change(ref, room, 'The mute', (rules) => {
    const others = inForce(rules, clock.now()).filter((other) => other.id !== id);
    isFull = others.length >= MOST_MUTES;
    return withMutes(rules, isFull ? others : [...others, muted]);
  });
  if (isFull) throw new ControlError(ref, 'failed', `${MOST_MUTES} are muted in this room already: ban instead.`);
}

/** Lifts the mutes of an id, or of a nick as it was when it was muted; they are returned. Rejects with ControlError. */
export async function unmute(
  { clock }: Pick<AdminContext, 'clock'>,
  ref: number,
  room: Room,
  isMeant: (mute: Mute) => boolean,
): Promise<readonly Mute[]> {
  const now = clock.now();
  const lifted = inForce(room.log.meta.rules ?? {}, now).filter(isMeant);
  if (lifted.length === 0) return [];
  await change(ref, room, 'The end of the mute', (rules) =>
    withMutes(
      rules,
      inForce(rules, now).filter((one) => !isMeant(one)),
    ),
  );
  return lifted;
}

/** Whether an entry was made for this id, or for whoever had this nick. */
export function madeFor({ id, nick }: { readonly id?: string | undefined; readonly nick?: string | undefined }) {
  const folded = nick === undefined ? undefined : foldNick(nick);
  return (entry: { readonly id: string; readonly nick: string }): boolean =>
    entry.id === id || (folded !== undefined && foldNick(entry.nick) === folded);
}

/** From here on the owners are those with another key. Rejects with ControlError. */
export async function renewOwners(ref: number, room: Room): Promise<void> {
  await change(ref, room, "The owners' new key", ({ owners = 0, ...rest }) => ({ ...rest, owners: owners + 1 }));
}

/** The server's word to a client alone, wherever it is; it may have gone meanwhile. */
export async function tellAlone(server: AdminContext, { id, at }: LocatedClient, text: string): Promise<void> {
  try {
    await askOne(server, 0, at, { type: 'dm', id, text });
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
  }
}

/** The same to whom it may concern, if it is here. */
export async function tellHere(server: AdminContext, id: string, text: string): Promise<void> {
  try {
    await tellAlone(server, await theClient(server, 0, id), text);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
  }
}

async function change(ref: number, room: Room, what: string, changeOf: (rules: RoomRules) => RoomRules): Promise<void> {
  const changing = room.log.access.changeRules(changeOf);
  // On a server of its own it holds already; in a cluster, once it is stored.
  room.tellSettings();
  await saved(ref, what, changing);
  room.tellSettings();
}

function withSettings(rules: RoomRules, { topic, readonly, slow }: SettingsChange): RoomRules {
  const { topic: oldTopic, readonly: oldReadonly, slow: oldSlow, ...rest } = rules;
  const newTopic = (topic ?? oldTopic)?.trim();
  const newReadonly = readonly ?? oldReadonly;
  const newSlow = slow ?? oldSlow;
  return {
    ...rest,
    ...(newTopic && { topic: newTopic }),
    ...(newReadonly && { readonly: newReadonly }),
    ...(newSlow && { slow: newSlow }),
  };
}

function withMutes({ mutes: _, ...rest }: RoomRules, mutes: readonly Mute[]): RoomRules {
  return mutes.length === 0 ? rest : { ...rest, mutes };
}

function inForce({ mutes = [] }: RoomRules, now: number): readonly Mute[] {
  return mutes.filter(({ until }) => until > now);
}
