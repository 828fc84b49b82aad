// `roomchat say`: says one message, or each line of standard input, and exits once every message has its receipt.

import { Readable } from 'node:stream';
import type { Command } from 'commander';
import type { RoomSession, SayRefusal, SessionEnd, SessionObserver } from '../client/index.ts';
import { printableLine } from '../protocol/index.ts';
import { addConnectingFlags, type ConnectingFlags, endError, sessionOptions } from './connecting.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { settle } from './profiles.ts';
import { Progress, progressTerminal } from './progress.ts';
import { spokenLines, spokenWhole } from './spoken-input.ts';
import { roomOrUrl, wholeNumber } from './values.ts';

interface SayFlags extends ConnectingFlags {
  readonly timeout: number;
  readonly whole?: true;
}

const EXAMPLES = `
Examples:
  $ roomchat say lobby hello everybody
  $ make 2>&1 | roomchat say builds
  $ roomchat say lobby --whole < notes.txt       the whole input as one message
  $ roomchat say lobby -- -1                     a message that starts with a dash`;

export function defineSay(program: Command): void {
  addConnectingFlags(
    program
      .command('say')
      .description('Say something in a room without joining it: a message, or each line of standard input.')
      .argument('<room>', 'the room, or its URL', roomOrUrl)
      .argument('[message...]', 'the message; without one, standard input'),
  )
    .option('--timeout <seconds>', 'how long to keep trying if the server goes away', wholeNumber(0, 86_400), 60)
    .option('--whole', 'say the whole standard input as one message')
    .addHelpText('after', EXAMPLES)
    .action(say);
}

async function say(named: string, words: readonly string[], given: SayFlags): Promise<void> {
  if (words.length > 0 && words.join('').trim() === '') throw new CommandError(EXIT.usage, 'The message is empty.');
  const flags = settle(given);
  const { options, several } = await sessionOptions(named, flags, { tell });
  const { RoomSession } = await import('../client/index.ts');
  const isOne = words.length > 0 || flags.whole === true;
  const speaker = new Speaker(flags, { isOne, several });
  const session = new RoomSession(
    { ...options, protectedOnly: options.password !== undefined, speaker: true },
    speaker,
  );
  if (words.length === 0 && process.stdin.isTTY) tell(flags.whole ? HINT_WHOLE : HINT);
  await speaker.run(session, (refuse) => messages(words, flags.whole ?? false, refuse));
}

const HINT = 'Each line that you type is a message. Ctrl-D ends.';
const HINT_WHOLE = 'All that you type becomes one message. Ctrl-D ends it.';

function messages(words: readonly string[], whole: boolean, refuse: (sentence: string) => void): AsyncIterable<string> {
  if (words.length > 0) return Readable.from([words.join(' ')]);
  return whole ? spokenWhole(process.stdin, refuse) : spokenLines(process.stdin, refuse);
}

interface Kind {
  /** There is no more than one message, so that the error at the end can be what is said of it. */
  readonly isOne: boolean;
  /** There are several servers that it may come back at. */
  readonly several: boolean;
}

/** One run of `say`: feeds the session and waits until every message is settled. */
class Speaker implements SessionObserver {
  #refusals = 0;
  #inputEnded = false;
  #session: RoomSession | undefined;
  #lossTimer: NodeJS.Timeout | undefined;
  #finish: (error?: CommandError) => void = () => {};
  readonly #flags: SayFlags;
  readonly #kind: Kind;
  readonly #progress: Progress;

  constructor(flags: SayFlags, kind: Kind) {
    this.#flags = flags;
    this.#kind = kind;
    this.#progress = new Progress(kind.isOne ? undefined : progressTerminal());
  }

  async run(
    session: RoomSession,
    inputOf: (refuse: (sentence: string) => void) => AsyncIterable<string>,
  ): Promise<void> {
    this.#session = session;
    const finished = new Promise<void>((resolve, reject) => {
      // The first one counts: a session that is told to leave ends as if all were well.
      this.#finish = (error) => (error === undefined ? resolve() : reject(error));
    });
    const onInterrupt = (): void => {
      this.#finish(new CommandError(EXIT.interrupted, this.#unfinished()));
      session.leave();
    };
    process.once('SIGINT', onInterrupt);
    session.start();
    const fed = this.#feed(
      session,
      inputOf((sentence) => this.#refuse(sentence, sentence)),
    );
    try {
      await Promise.race([finished, fed.then(() => finished)]);
    } finally {
      process.off('SIGINT', onInterrupt);
      clearTimeout(this.#lossTimer);
      this.#progress.stop();
      process.stdin.destroy();
    }
    if (this.#refusals > 0) {
      throw new CommandError(
        EXIT.refused,
        `${this.#refusals} of the messages ${this.#refusals === 1 ? 'was' : 'were'} refused.`,
      );
    }
  }

  async #feed(session: RoomSession, input: AsyncIterable<string>): Promise<void> {
    for await (const text of input) {
      session.say(text);
      await session.ready();
    }
    this.#inputEnded = true;
    this.#leaveWhenDone();
  }

  #leaveWhenDone(): void {
    if (this.#inputEnded && this.#session?.pending === 0) this.#session.leave();
  }

  #unfinished(): string {
    const pending = this.#session?.pending ?? 0;
    return pending === 0 ? '' : `${pending} ${pending === 1 ? 'message was' : 'messages were'} not delivered.`;
  }

  connecting(): void {}

  joined(): void {
    clearTimeout(this.#lossTimer);
    this.#lossTimer = undefined;
  }

  live(): void {
    // Not before: a message that the replay showed may have been the last one without a receipt.
    this.#leaveWhenDone();
  }

  line(): void {}

  receipt(): void {
    this.#progress.said();
    this.#leaveWhenDone();
  }

  refused(_ref: string, { message }: SayRefusal): void {
    this.#refuse(message, `a message was refused: ${message}`);
  }

  /** `alone`: how it is said where it was the only message. */
  #refuse(alone: string, sentence: string): void {
    this.#refusals++;
    if (this.#kind.isOne) {
      this.#finish(new CommandError(EXIT.refused, alone));
      this.#session?.leave();
      return;
    }
    this.#tell(sentence);
    this.#leaveWhenDone();
  }

  #tell(message: string): void {
    this.#progress.clear();
    tell(message);
  }

  trouble(_code: string, message: string): void {
    this.#tell(message);
  }

  lost(reason: string): void {
    if (this.#lossTimer !== undefined) return;
    const { timeout } = this.#flags;
    this.#tell(`${reason} Trying again for ${timeout} ${timeout === 1 ? 'second' : 'seconds'}.`);
    this.#lossTimer = setTimeout(() => {
      const what = this.#kind.several ? 'None of the servers came back.' : 'The server did not come back.';
      this.#finish(new CommandError(EXIT.unreachable, `${what} ${this.#unfinished()}`.trim()));
      this.#session?.leave();
    }, timeout * 1000);
  }

  ended(end: SessionEnd): void {
    if (end.kind === 'left') {
      this.#finish();
      return;
    }
    this.#finish(endError(end, this.#flags, this.#unfinished()));
  }
}

function tell(message: string): void {
  process.stderr.write(`roomchat: ${printableLine(message)}\n`);
}
