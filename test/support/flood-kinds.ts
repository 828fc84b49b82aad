// What one address may flood a server with.

export const FLOOD_KINDS = ['newlines', 'commands', 'who', 'renames', 'says', 'pings', 'replays', 'scans'] as const;

export type FloodKind = (typeof FLOOD_KINDS)[number];

export interface Flood {
  readonly port: number;
  readonly kind: FloodKind;
  readonly connections: number;
  /** How long it goes on. */
  readonly ms: number;
}

export function isFlood(value: unknown): value is Flood {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    FLOOD_KINDS.some((kind) => kind === value.kind) &&
    ['port', 'connections', 'ms'].every((field) =>
      Number.isSafeInteger(Object.entries(value).find(([f]) => f === field)?.[1]),
    )
  );
}
