// `roomchat join`: a person in a room, on a terminal or a pipe, until told to go.

import { join as joinPath } from 'node:path';
import { type Command, Option } from 'commander';
import type { ReceivedLine, RoomSession, SayRefusal, SessionEnd, SessionObserver, Welcome } from '../client/index.ts';
import { NameError, type OwnerCommand } from '../protocol/index.ts';
import type { ChatView, ChatViewEvents } from '../terminal/index.ts';
import { BackPressure, SharedProducer } from './back-pressure.ts';
import {
  addConnectingFlags,
  type ConnectingFlags,
  endError,
  OPEN_ROOM_WARNING,
  type Person,
  sessionOptions,
} from './connecting.ts';
import { stateDirectory } from './environment.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { LineOutput } from './line-output.ts';
import { MessageHook } from './message-hook.ts';
import { PipedInput } from './piped-input.ts';
import { settle } from './profiles.ts';
import { roomOrUrl, wholeNumber } from './values.ts';

interface JoinFlags extends ConnectingFlags {
  readonly last?: number;
  readonly json?: true;
  readonly exec?: string;
  readonly bell: 'on' | 'mention' | 'off';
}

const EXAMPLES = `
Examples:
  $ roomchat join lobby                      chat; Ctrl-C, Ctrl-D or /quit leaves, /help lists the commands
  $ roomchat join lobby --last 20            with the last 20 messages only
  $ roomchat join https://one.example/rooms/lobby
  $ roomchat join lobby --server one,two     at the other node of a cluster when one is gone
  $ roomchat join lobby --json | jq -r .text the lines as they arrive, your own included
  $ roomchat join lobby --exec 'notify-send "$ROOMCHAT_MESSAGE_NICK" "$(cat)"'

With --exec, a message's text is the command's standard input; ROOMCHAT_MESSAGE_NICK, _ID, _SEQ, _AT, _ROOM and _TYPE
(message or notice) are in its environment. History does not count, unless --last asks for some.`;

export function defineJoin(program: Command): void {
  addConnectingFlags(
    program
      .command('join')
      .description('Join a room: see its history, and then what is said.')
      .argument('<room>', 'the room, or its URL; it is created if it does not exist', roomOrUrl),
  )
    .option(
      '--last <number>',
      'only so many messages of the history; 0: none (default: all)',
      wholeNumber(0, 1_000_000_000),
    )
    .option('--json', "print the protocol's lines as they arrive")
    .option('--exec <command>', 'run a shell command for each message of others, one after the other')
    .addOption(
      new Option('--bell <when>', 'ring for every message, for those that mention you, or never')
        .choices(['on', 'mention', 'off'])
        .default('mention'),
    )
    .addHelpText('after', EXAMPLES)
    .action(join);
}

async function join(named: string, given: JoinFlags): Promise<void> {
  const flags = settle(given);
  const [{ RoomSession }, { ChatView }] = await Promise.all([
    import('../client/index.ts'),
    import('../terminal/index.ts'),
  ]);
  const { stdin: input, stdout, stderr: errors, env } = process;
  const participant = new Participant(flags);
  const { room, options } = await sessionOptions(named, flags, participant);
  const last = flags.last ?? (flags.exec === undefined ? flags.usualLast : 0);
  const session = new RoomSession({ ...options, ...(last === undefined ? {} : { last }) }, participant);
  // The lines of --json have standard output to themselves.
  const streams = flags.json
    ? { input, output: errors, errors, env: { ...env, TERM: 'dumb' } }
    : { input, output: stdout, errors, env };
  const historyFile = joinPath(stateDirectory(), 'input-history');
  // From here on input is read: what hears it must be there in the same turn.
  const view = new ChatView(streams, { bell: flags.bell, historyFile }, participant);
  const producer = new SharedProducer(session);
  await participant.run(session, view, {
    shown: new BackPressure(producer.share(), [streams.output, errors]),
    ...(flags.json && { json: new LineOutput(stdout, producer.share()) }),
    ...(flags.exec !== undefined && {
      hook: new MessageHook(flags.exec, room, producer.share(), (problem) => participant.tell(problem)),
    }),
  });
}

/** Where messages go beside the view. */
interface Outputs {
  /** What the view has shown and nobody has read. */
  readonly shown: BackPressure;
  readonly json?: LineOutput;
  readonly hook?: MessageHook;
}

/** Stands between the session and the view: each hears from the other through here. */
/** Lines that answer commands. */
const ANSWERS: ReadonlySet<ReceivedLine['type']> = new Set(['members', 'settings', 'done']);

class Participant implements SessionObserver, ChatViewEvents, Person {
  #session!: RoomSession;
  #view!: ChatView;
  #shown!: BackPressure;
  #json: LineOutput | undefined;
  #hook: MessageHook | undefined;
  #wasLost = false;
  #input!: PipedInput;
  /** A key was typed, and the next welcome says whether it fits. */
  #triesKey = false;
  #leftBy: 'quit' | 'interrupt' | 'end' = 'quit';
  #finish: (end: SessionEnd) => void = () => {};
  readonly #flags: ConnectingFlags;

  constructor(flags: ConnectingFlags) {
    this.#flags = flags;
  }

  async run(session: RoomSession, view: ChatView, outputs: Outputs): Promise<void> {
    this.#session = session;
    this.#view = view;
    this.#shown = outputs.shown;
    this.#json = outputs.json;
    this.#hook = outputs.hook;
    this.#input = new PipedInput(process.stdin.isTTY !== true, {
      pending: () => session.pending,
      hold: (hold) => view.holdInput(hold),
      leave: () => session.leave(),
    });
    const finished = new Promise<SessionEnd>((resolve) => {
      this.#finish = resolve;
    });
    const onInterrupt = (): void => this.onLeave('interrupt');
    const restore = (): void => view.restore();
    process.on('SIGINT', onInterrupt);
    process.on('exit', restore);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => this.#dieOf(signal));
    session.start();
    try {
      const end = await finished;
      this.#json?.flush();
      if (end.kind !== 'left') throw endError(end, this.#flags);
      if (this.#leftBy === 'interrupt') throw new CommandError(EXIT.interrupted, '');
    } finally {
      this.#hook?.stop();
      view.close();
      process.off('SIGINT', onInterrupt);
      process.off('exit', restore);
      process.stdin.destroy();
    }
  }

  /** The terminal is given back, then the signal does what it does by default. */
  #dieOf(signal: NodeJS.Signals): void {
    this.#view.restore();
    process.kill(process.pid, signal);
  }

  ask(question: string): Promise<string | undefined> {
    return this.#view.askHidden(question);
  }

  tell(text: string): void {
    this.#view.event({ type: 'problem', text });
  }

  // What the person wants.

  onSay(text: string): void {
    if (this.#input.isOver) return;
    const ref = this.#session.say(text);
    this.#view.sent(ref, text);
    this.#input.waitFor(this.#session.ready());
  }

  onWho(): void {
    this.#ask(this.#session.who());
  }

  onNick(nick: string): void {
    try {
      this.#ask(this.#session.setNick(nick));
    } catch (error) {
      if (!(error instanceof NameError)) throw error;
      this.tell(error.message);
    }
  }

  onHistory(count: number): void {
    this.#ask(this.#session.replay(count));
  }

  onAct(command: OwnerCommand): void {
    this.#ask(this.#session.act(command));
  }

  onOwner(key: string | undefined): void {
    if (key === undefined) {
      this.#view.ownership(this.#session.ownerKey, 'key');
      return;
    }
    this.#triesKey = this.#session.becomeOwner(key);
    this.#ask(this.#triesKey);
  }

  onLeave(how: 'quit' | 'interrupt' | 'end'): void {
    this.#leftBy = how;
    if (how === 'quit') this.#input.quit();
    else this.#session.leave();
  }

  #ask(isSent: boolean): void {
    if (isSent) this.#input.asked();
    else this.tell('There is no connection to the server right now.');
  }

  // What the session tells.

  connecting(server?: string): void {
    if (server !== undefined) this.#view.event({ type: 'connecting', server });
  }

  joined(welcome: Welcome, resumed: boolean): void {
    this.#input.joined();
    const { ownerKey } = this.#session;
    if (this.#triesKey) this.#view.ownership(ownerKey, 'answer');
    else if (welcome.created && ownerKey !== undefined) this.#view.ownership(ownerKey, 'new');
    this.#triesKey = false;
    const { password = this.#flags.passwordFile } = this.#flags;
    if (password !== undefined && !welcome.protected && !resumed) this.tell(OPEN_ROOM_WARNING);
  }

  live(newLines: number): void {
    if (this.#json !== undefined && this.#wasLost) {
      this.#view.event({ type: 'note', text: `back, with ${newLines} new` });
    }
    this.#wasLost = false;
    this.#input.live();
  }

  line(line: ReceivedLine, raw: string, own: boolean): void {
    if (!own && (line.type === 'message' || line.type === 'notice')) this.#hook?.handle(line);
    if (this.#json !== undefined) this.#json.print(raw);
    // What a refused message has to say comes with `refused`.
    else if (line.type !== 'error') this.#view.line(line);
    this.#shown.check();
    if (ANSWERS.has(line.type) || (line.type === 'renamed' && own)) this.#input.answered();
  }

  receipt(): void {
    this.#input.settled();
  }

  refused(ref: string, refusal: SayRefusal): void {
    this.#view.refused(ref, refusal.message);
    this.#input.settled();
  }

  trouble(_code: string, message: string): void {
    this.tell(message);
    this.#input.answered();
  }

  lost(_reason: string, retryInMs: number): void {
    this.#wasLost = true;
    this.#input.lost();
    this.#view.event({ type: 'lost' });
    this.#view.event({ type: 'retrying', seconds: Math.ceil(retryInMs / 1000) });
  }

  ended(end: SessionEnd): void {
    for (const { ref, sent } of this.#session.left) {
      // Who leaves of their own accord knows what they have said; but not what a lost connection may have lost.
      if (!sent || this.#wasLost || end.kind !== 'left') this.#view.unsent(ref, sent);
    }
    this.#finish(end);
  }
}
