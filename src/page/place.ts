// Where this page is: which room its URL names, and the URLs of others. A proxy may have put a path before `/rooms/`.
// Never changes where it is.

const ROOM_PATH = /^(.*?)\/rooms\/([^/]+)$/;

/** The room that the URL names, or undefined at home. */
export function currentRoom(): string | undefined {
  const segment = ROOM_PATH.exec(location.pathname)?.[2];
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function homePath(): string {
  const prefix = ROOM_PATH.exec(location.pathname)?.[1] ?? location.pathname.replace(/\/$/, '');
  return `${prefix}/`;
}

/** The one path of a room, however a URL spells it. */
export function roomPath(room: string): string {
  return `${homePath()}rooms/${encodeURIComponent(room.normalize('NFC'))}`;
}

/** The room's socket is at the page's own URL. */
export function socketUrl(): string {
  const url = new URL(location.pathname, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
