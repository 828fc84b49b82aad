// What is set for a room besides who may come in: kept in its room.json under `rules`. What is not set is not there.
// Must never take what it cannot read for a room without rules.

/** Somebody who may not speak for a while. */
export type Mute = {
  readonly id: string;
  readonly nick: string;
  /** The network that it comes from, as text; without it the id alone is muted. */
  readonly network?: string;
  /** Milliseconds since 1970. */
  readonly until: number;
};

export type RoomRules = {
  readonly topic?: string;
  /** Only owners may write. */
  readonly readonly?: true;
  /** Seconds between two messages of one client. */
  readonly slow?: number;
  readonly mutes?: readonly Mute[];
  /** How often the owners' key was changed; without it, never. */
  readonly owners?: number;
};

/** Fields that this version does not know are left as they are. */
export function isRoomRules(value: unknown): value is RoomRules {
  if (!isRecord(value)) return false;
  const { topic, readonly, slow, mutes, owners } = value;
  return (
    (topic === undefined || typeof topic === 'string') &&
    (readonly === undefined || readonly === true) &&
    (slow === undefined || isCount(slow)) &&
    (mutes === undefined || (Array.isArray(mutes) && mutes.every(isMute))) &&
    (owners === undefined || isCount(owners))
  );
}

function isMute(value: unknown): value is Mute {
  if (!isRecord(value)) return false;
  const { id, nick, network, until } = value;
  const texts = network === undefined ? [id, nick] : [id, nick, network];
  return texts.every((text) => typeof text === 'string') && isCount(until);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
