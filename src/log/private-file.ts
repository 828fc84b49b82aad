// The data directory's two private files: the server's secret and the administrator's token.
// Must never let anybody else read them at any moment, nor trust one that somebody else could have read or planted.
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { DataDirectoryError, systemCode } from './errors.ts';
import { type FileSystem, O_NOFOLLOW, O_RDONLY } from './file-system.ts';
import { readDescriptor, replaceFile, syncFolder } from './files.ts';

const SECRET_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{32,}$/;

/** The key that signs resume keys; made at the first start. */
export function secretOf(fs: FileSystem, directory: string): Buffer {
  const path = join(directory, 'secret');
  const secret = readPrivate(fs, path) ?? make(fs, path, randomBytes(SECRET_BYTES));
  if (secret.length !== SECRET_BYTES) throw unsafe(path, `does not hold ${SECRET_BYTES} bytes`);
  return secret;
}

/** The token of the control path; made at the first start. */
export function adminTokenOf(fs: FileSystem, directory: string): string {
  const path = join(directory, 'admin.token');
  const fresh = () => Buffer.from(`${randomBytes(32).toString('base64url')}\n`);
  const token = (readPrivate(fs, path) ?? make(fs, path, fresh())).toString().trim();
  if (!TOKEN.test(token)) throw unsafe(path, 'does not hold a token of at least 32 letters, digits, - and _');
  return token;
}

function make(fs: FileSystem, path: string, content: Buffer): Buffer {
  replaceFile(fs, path, content);
  syncFolder(fs, dirname(path));
  return content;
}

function readPrivate(fs: FileSystem, path: string): Buffer | undefined {
  let fd: number;
  try {
    fd = fs.open(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return undefined;
    // What open(2) says of a symbolic link under O_NOFOLLOW; FreeBSD says EMLINK.
    if (code === 'ELOOP' || code === 'EMLINK') throw unsafe(path, 'is a symbolic link');
    throw error;
  }
  try {
    const status = fs.status(fd);
    if (!status.isFile()) throw unsafe(path, 'is not a file');
    const { mode, uid } = status;
    if (process.platform !== 'win32') {
      if ((mode & 0o077) !== 0) throw unsafe(path, 'can be read or written by other users (chmod 600 mends it)');
      if (uid !== process.getuid?.()) throw unsafe(path, 'belongs to another user');
    }
    return readDescriptor(fs, fd);
  } finally {
    fs.close(fd);
  }
}

function unsafe(path: string, why: string): DataDirectoryError {
  return new DataDirectoryError(
    'unsafe_file',
    `${path} ${why}. If you do not know how that happened, remove it, and a new one is made.`,
  );
}
