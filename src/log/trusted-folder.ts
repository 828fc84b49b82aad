// Whether a folder is this user's alone to change: what others may write to, they can replace, plant and fill.
// Must never answer from a path that somebody else can lead elsewhere afterwards.
import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DataDirectoryError, ForeignRoomError } from './errors.ts';
import { roomsPath } from './list-rooms.ts';
import { logPath } from './open-log.ts';
import { roomMetaPath } from './room-meta.ts';

const WRITABLE_BY_OTHERS = 0o022;
const WRITABLE_BY_ANYBODY = 0o002;
const STICKY = 0o1000;

/**
 * The data directory at `path`, without any symbolic link on the way: from here on nobody can lead it elsewhere. Throws
 * DataDirectoryError where others may change it, or what is above or in it, with the command that mends it.
 */
export function trustedDataDirectory(path: string): string {
  const real = realpathSync(path);
  if (process.platform === 'win32') return real;
  for (let above = dirname(real); ; above = dirname(above)) {
    refuseUnsafe(complaintAbove(above, real));
    if (above === dirname(above)) break;
  }
  for (const folder of [real, ...['lock', 'deleted', 'imports'].map((name) => join(real, name)), roomsPath(real)]) {
    refuseUnsafe(complaintAbout(folder));
  }
  return real;
}

/** Throws ForeignRoomError for a room that others may change, with the command that mends it. */
export function checkRoomFolder(folder: string): void {
  if (process.platform === 'win32') return;
  for (const path of [folder, roomMetaPath(folder), logPath(folder), join(folder, 'open')]) {
    const complaint = complaintAbout(path);
    if (complaint !== undefined) throw new ForeignRoomError(complaint);
  }
}

function refuseUnsafe(complaint: string | undefined): void {
  if (complaint !== undefined) throw new DataDirectoryError('unsafe_folder', complaint);
}

/** A whole sentence, or undefined where the path is safe, or leads to nothing. */
function complaintAbout(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  const me = process.geteuid?.();
  if (status.uid !== me) {
    return `${path} belongs to user ${status.uid}, but this server runs as user ${me}. Run it as user ${status.uid}, or make this its own: chown -R ${me} ${quoted(path)}`;
  }
  if ((status.mode & WRITABLE_BY_OTHERS) === 0) return undefined;
  return `${path} can be changed by other users${modeOf(status)}. To end that: chmod go-w ${quoted(path)}`;
}

/**
 * Whoever may write to a folder can put another one in the place of what is in it, unless it is sticky, as /tmp is. What
 * a group may do is left to whoever made the folder: it is often the user's own group, or that of a volume.
 */
function complaintAbove(path: string, below: string): string | undefined {
  const status = statSync(path);
  if ((status.mode & WRITABLE_BY_ANYBODY) === 0 || (status.mode & STICKY) !== 0) return undefined;
  return `${path} can be changed by every user${modeOf(status)}, so that they could replace ${below}. To end that: chmod o-w ${quoted(path)}`;
}

function modeOf({ mode }: Stats): string {
  return ` (mode ${(mode & 0o7777).toString(8)})`;
}

/** As a word for a shell. */
function quoted(path: string): string {
  const whole = resolve(path);
  return /^[\w./-]+$/.test(whole) ? whole : `'${whole.replaceAll("'", `'\\''`)}'`;
}
