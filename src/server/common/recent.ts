// A bounded map: what was put there the longest ago makes room.

/** Puts an entry last in `map`, which keeps `most` of them. */
export function keepLast<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
