// `--exec`: runs a command once for each message, one at a time, in order. The message is in its environment and on its
// standard input, never in its command line, so that no message can become a command. What is secret of this client's own
// environment is not in the command's: it runs on the words of others.

import { spawn } from 'node:child_process';
import type { LogLine } from '../protocol/index.ts';
import type { Producer } from './back-pressure.ts';
import { messageOf } from './files.ts';

/** Messages that may wait for the command before no more are read. */
const MOST_WAITING = 64;

export class MessageHook {
  readonly #waiting: LogLine[] = [];
  #running = false;
  #paused = false;
  #stopped = false;
  /** `/history` shows lines again; the command has had them. */
  #lastSeq = 0;
  readonly #command: string;
  readonly #room: string;
  readonly #producer: Producer;
  readonly #tell: (problem: string) => void;

  /** `tell` gets a sentence for each run that failed; it does not stop those to come. */
  constructor(command: string, room: string, producer: Producer, tell: (problem: string) => void) {
    this.#command = command;
    this.#room = room;
    this.#producer = producer;
    this.#tell = tell;
  }

  /** Queues the command's run for this line. */
  handle(line: LogLine): void {
    if (this.#stopped || line.seq <= this.#lastSeq) return;
    this.#lastSeq = line.seq;
    this.#waiting.push(line);
    if (this.#waiting.length >= MOST_WAITING && !this.#paused) {
      this.#paused = true;
      this.#producer.pause();
    }
    this.#runNext();
  }

  /** The command that runs may finish; those that wait are not begun. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #runNext(): void {
    if (this.#running) return;
    const line = this.#waiting.shift();
    if (line === undefined) {
      this.#goOn();
      return;
    }
    this.#running = true;
    let isOver = false;
    const done = (problem: string | undefined): void => {
      // A run that failed may end more than once, and the next one is under way then.
      if (isOver) return;
      isOver = true;
      this.#running = false;
      if (problem !== undefined) this.#tell(`--exec: ${problem}`);
      this.#runNext();
    };
    try {
      this.#run(line, done);
    } catch (error) {
      // A server that keeps to nothing may send a nick that no environment takes: with NULs, or a megabyte long.
      done(`the command could not be started: ${messageOf(error)}`);
    }
  }

  #run(line: LogLine, done: (problem: string | undefined) => void): void {
    const { ROOMCHAT_TOKEN: _, ROOMCHAT_PASSWORD: __, ...own } = process.env;
    const child = spawn(this.#command, {
      shell: true,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...own, ...environmentOf(line, this.#room) },
    });
    child.on('error', (error) => done(`the command could not be started: ${messageOf(error)}`));
    child.on('close', (code, signal) => {
      done(
        code === 0 ? undefined : `the command ended with ${code === null ? `signal ${signal}` : `exit code ${code}`}`,
      );
    });
    // A command that does not read its input has no use for it.
    // And where no descriptor is left there is no input either; an `error` follows.
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${line.text}\n`);
  }

  #goOn(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#producer.resume();
  }
}

/** Not ROOMCHAT_NICK and the like: a `roomchat say` in the command would take those for its own. */
function environmentOf(line: LogLine, room: string): Record<string, string> {
  const author = line.type === 'message' ? { ROOMCHAT_MESSAGE_ID: line.id, ROOMCHAT_MESSAGE_NICK: line.nick } : {};
  return {
    ...author,
    ROOMCHAT_MESSAGE_TYPE: line.type,
    ROOMCHAT_MESSAGE_ROOM: room,
    ROOMCHAT_MESSAGE_SEQ: String(line.seq),
    ROOMCHAT_MESSAGE_AT: String(line.at),
  };
}
