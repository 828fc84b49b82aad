// The exit codes that scripts may count on, and the error that carries one. main.ts alone turns it into the process's.

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The server is not reachable, or overloaded. */
  unreachable: 3,
  /** Password or token refused. */
  denied: 4,
  /** Room, nick, message or id refused; kicked; replaced. */
  refused: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a command ends with when it does not succeed: a sentence that says what to do, and the exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
