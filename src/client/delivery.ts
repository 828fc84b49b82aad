// Brings what is said into the room: sends it as soon as the connection at hand may have it, in frames, and tells what
// became of it. Never decides what a connection is for, and never shows a line.

import { type ErrorLine, MAX_TEXT_BYTES, type MessageLine } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { SayRefusal, SessionObserver } from './observer.ts';
import type { Message, Outbox } from './outbox.ts';

type Refusal = Omit<SayRefusal, 'text'>;

const TOO_LONG: Refusal = {
  code: 'too_long',
  message: `A message has at most ${MAX_TEXT_BYTES} bytes, and fewer where they are control characters.`,
};
const UNCERTAIN: Refusal = {
  code: 'uncertain',
  message: 'The server no longer knows this client: whether the room has the message cannot be found out.',
};

/** What it is told of the session. */
export interface DeliveryOwner {
  /** Whether nothing will be sent any more. */
  isOver(): boolean;
  /** The connection that is joined, and the id that it is joined under. */
  outlet(): { readonly id: string; sendFrame(lines: string): void } | undefined;
  /** The outbox has changed. Where it goes on after a reload, that has to be known before anything is sent. */
  save(): void;
}

export class Delivery {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #owner: DeliveryOwner;
  readonly #observer: Partial<Pick<SessionObserver, 'receipt' | 'refused'>>;
  #flushScheduled = false;
  readonly #waitingForRoom: (() => void)[] = [];

  constructor(
    outbox: Outbox,
    clock: Clock,
    owner: DeliveryOwner,
    observer: Partial<Pick<SessionObserver, 'receipt' | 'refused'>>,
  ) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#owner = owner;
    this.#observer = observer;
  }

  say(text: string): string {
    const ref = this.#outbox.add(text);
    this.#owner.save();
    this.#scheduleFlush();
    return ref;
  }

  /** Resolves once there is room for more messages, or the session is over. */
  async ready(): Promise<void> {
    if (this.#outbox.isFull && !this.#owner.isOver()) {
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
    }
  }

  /** The log has this message. True: it is one that was waited for, and `received` is to be told once it is shown. */
  strike({ id, ref }: MessageLine): boolean {
    const isReceipt = ref !== undefined && this.#outbox.strike(id, ref);
    if (isReceipt) this.#owner.save();
    return isReceipt;
  }

  received(line: MessageLine): void {
    if (line.ref !== undefined) this.#observer.receipt?.(line.ref, line);
    this.#scheduleFlush();
  }

  /** False: the error answers no message. */
  refused({ code, message, ref }: ErrorLine): boolean {
    const refused = ref === undefined ? undefined : this.#outbox.remove(ref);
    if (refused === undefined) return false;
    this.#owner.save();
    this.#refuse(refused, { code, message });
    this.#scheduleFlush();
    return true;
  }

  /** Gives up what was sent and can no longer be found out about. */
  abandonSent(): void {
    for (const message of this.#outbox.takeSent()) this.#refuse(message, UNCERTAIN);
  }

  flush(): void {
    // Whoever hears of one may leave before the next.
    while (!this.#owner.isOver()) {
      const message = this.#outbox.takeTooLong();
      if (message === undefined) break;
      this.#refuse(message, TOO_LONG);
    }
    const outlet = this.#owner.outlet();
    while (outlet !== undefined) {
      const frame = this.#outbox.nextFrame(outlet.id);
      if (frame === undefined) break;
      this.#owner.save();
      outlet.sendFrame(frame);
    }
    if (!this.#outbox.isFull) this.release();
  }

  /** Lets go who waits to say more. */
  release(): void {
    for (const resolve of this.#waitingForRoom.splice(0)) resolve();
  }

  /** Once a turn, so that what is said in one turn goes out in one frame. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#clock.soon(() => {
      this.#flushScheduled = false;
      this.flush();
    });
  }

  #refuse({ ref, text }: Message, refusal: Refusal): void {
    this.#observer.refused?.(ref, { ...refusal, text });
  }
}
