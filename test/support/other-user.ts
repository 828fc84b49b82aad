// Another user of the machine, for tests of what one user may do to another. Only root can be somebody else: run by
// anybody else such a test is skipped, and says so.

/** What makes a child process that user's. No server runs as nobody here, and no file is nobody's. */
export const NOBODY = { uid: 65_534, gid: 65_534 } as const;

let told = false;

export function isRoot(): boolean {
  const root = process.geteuid?.() === 0;
  if (!root && !told) console.warn('SKIPPED: what needs a second user, which only root can be.');
  told = true;
  return root;
}
