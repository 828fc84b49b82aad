// One client's connection: takes its lines one after the other, each when it may be handled, and is the output of its
// member. All changes of its state are here; what a command does is in commands.ts and joining.ts.

import { DamagedError, UncertainAppendError } from '../../log/index.ts';
import {
  type Command,
  decodeCommand,
  ERROR_CLOSE_CODES,
  encodeLine,
  FrameLines,
  ProtocolError,
} from '../../protocol/index.ts';
import { CloseCode, type PreparedMessage, type WebSocket, type WebSocketHandler } from '../../websocket/index.ts';
import type { ClientAddress } from '../addresses/address.ts';
import type { Account } from '../budget/account.ts';
import { Toll } from '../budget/toll.ts';
import { COMPRESSED_REPLAY, WORK } from '../common/limits.ts';
import { sendLines } from '../room/line-frames.ts';
import type { Member, MemberOutput } from '../room/member.ts';
import type { Room } from '../room/room.ts';
import type { SessionContext } from './session-context.ts';

export type SessionState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'joining' }
  | { readonly kind: 'joined'; readonly room: Room; readonly member: Member; readonly attempt: number }
  | { readonly kind: 'ended' };

export interface JoinedHow {
  readonly attempt: number;
  readonly created: boolean;
  readonly resumed: boolean;
  /** It may not know yet that it is in, and come back by its claim. */
  readonly claims: boolean;
}

const WAITING: SessionState = { kind: 'waiting' };
const JOINING: SessionState = { kind: 'joining' };
const ENDED: SessionState = { kind: 'ended' };

export class Session implements WebSocketHandler, MemberOutput {
  state: SessionState = WAITING;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Monotonic time at which a connection that has not joined is ended. */
  joinBy: number;
  /** What the heartbeat has last seen of this connection. */
  seenReceived = 0;
  seenBuffered = 0;
  aliveAt: number;
  pingedAt: number | undefined = undefined;
  #backlog: FrameLines | undefined = undefined;
  /** Of the frame being handled: the lines that are paid for. */
  #paidLines = 0;
  /** Whether the client has still to show that it has its welcome. */
  #isUnwitting = false;
  /** What its address may use; undefined for loopback, which pays nothing. */
  readonly account: Account | undefined;
  readonly #workToll: Toll | undefined;
  readonly #replayToll: Toll | undefined;
  readonly socket: WebSocket;
  readonly roomName: string;
  readonly address: ClientAddress;
  readonly context: SessionContext;

  constructor(socket: WebSocket, roomName: string, address: ClientAddress, context: SessionContext) {
    this.socket = socket;
    this.roomName = roomName;
    this.address = address;
    this.context = context;
    const { clock, limits, metrics } = context;
    const now = clock.monotonic();
    this.since = clock.now();
    this.joinBy = now + limits.join;
    this.aliveAt = now;
    const account = context.accounts.open(address);
    this.account = account;
    this.#workToll = account?.work && new Toll(account.work, metrics.slowed, () => this.#readAgain());
    this.#replayToll = account?.replay && new Toll(account.replay, metrics.slowedReplays, () => this.#replayAgain());
    socket.handler = this;
    this.pay(WORK.connection);
    if (this.isHeldBack) socket.pause();
  }

  /** The client's id and nick, once it has joined. */
  get clientId(): string {
    return this.state.kind === 'joined' ? this.state.member.id : '';
  }

  get nick(): string {
    return this.state.kind === 'joined' ? this.state.member.nick : '';
  }

  get bufferedBytes(): number {
    return this.socket.bufferedBytes;
  }

  get isOverLimit(): boolean {
    return this.socket.bufferedBytes > this.context.limits.output;
  }

  /** The server itself does not read this connection for now, other than because its output is not taken. */
  get isHeldBack(): boolean {
    return this.#isSlowed || this.state.kind === 'joining' || this.#waitsForDisk;
  }

  /** Its lines are not handled while the disk does not keep up with its room. */
  get #waitsForDisk(): boolean {
    return this.#backlog !== undefined && this.state.kind === 'joined' && this.state.room.holdsBack();
  }

  /** Not read because its address is in debt: the heartbeat's clock stands still. */
  get #isSlowed(): boolean {
    return this.#workToll?.isHeldBack ?? false;
  }

  get isReplayHeldBack(): boolean {
    return this.#replayToll?.isHeldBack ?? false;
  }

  // What the WebSocket tells.

  message(data: Buffer, binary: boolean): void {
    if (binary) {
      this.end(CloseCode.unsupportedData, 'text frames only');
      return;
    }
    if (this.#isUnwitting) this.#showsWelcome();
    this.pay(Math.max(1, Math.floor(data.length / WORK.frameBytes)));
    this.#paidLines = 1;
    this.#backlog = new FrameLines(data.toString());
    this.#handleBacklog();
  }

  control(): void {
    if (this.#isUnwitting) this.#showsWelcome();
    this.pay(WORK.control);
    if (this.#isSlowed) this.socket.pause();
  }

  drained(): void {
    if (this.state.kind === 'joined') this.state.member.read();
    this.#handleBacklog();
  }

  closed(code: number, reason: string): void {
    this.#leaveRoom(code === CloseCode.normal ? 'announce' : 'await', code, reason);
    this.state = ENDED;
    this.#backlog = undefined;
    this.#workToll?.leave();
    this.#replayToll?.leave();
    if (this.account !== undefined) this.context.accounts.close(this.account);
    this.context.sessionClosed(this);
  }

  // What a member's room tells.

  sendPrepared(message: PreparedMessage): void {
    this.socket.sendPrepared(message);
  }

  send(lines: string): void {
    sendLines(this.socket, lines);
  }

  logFailed(error: unknown): void {
    if (error instanceof DamagedError) {
      this.fail(
        new ProtocolError('damaged', 'The log of this room is damaged: whoever runs the server has to look at it.'),
      );
    } else if (error instanceof UncertainAppendError) {
      // Its room has said it on the console. The client comes back, and the replay tells it what was saved.
      this.end(CloseCode.internalError, 'internal error');
    } else {
      this.failUnexpectedly(error);
    }
  }

  replayed(bytes: number): void {
    this.#replayToll?.pay(this.socket.compresses ? bytes * COMPRESSED_REPLAY : bytes);
  }

  // What commands do to the session.

  /** Charges its address with work, in units of WORK. What is under way goes on; what comes next may have to wait. */
  pay(units: number): void {
    this.#workToll?.pay(units);
  }

  /**
   * Resolves when its join may search a log, of which it reads `most` bytes at the most: they are charged as a replay's.
   * False where the connection is gone.
   */
  async paySearch(most: number): Promise<boolean> {
    await this.#replayToll?.pass();
    if (this.state.kind !== 'joining') return false;
    this.#replayToll?.pay(most);
    return true;
  }

  /** Gives back what the search did not need. */
  refundSearch(bytes: number): void {
    this.#replayToll?.refund(bytes);
  }

  /** A join is under way: nothing else of this connection is handled meanwhile. */
  beginJoin(): void {
    this.state = JOINING;
    this.socket.pause();
  }

  joined(room: Room, member: Member, how: JoinedHow): void {
    this.state = { kind: 'joined', room, member, attempt: how.attempt };
    this.#isUnwitting = how.claims;
    this.#replayToll?.queue();
    this.context.sessionJoined(this, member, how);
  }

  /** The join failed in a way that leaves the connection open for another. */
  joinAgain(): void {
    this.state = WAITING;
    this.joinBy = this.context.clock.monotonic() + this.context.limits.join;
  }

  /** Goes on with what was held back. */
  proceed(): void {
    if (this.state.kind === 'ended') return;
    this.#handleBacklog();
  }

  /** An error for the client; it ends the connection where its code says so. */
  fail(error: ProtocolError): void {
    if (this.state.kind === 'ended') return;
    const { code, message, ref } = error;
    this.context.metrics.refused(code);
    this.send(encodeLine({ type: 'error', code, message, ...(ref === undefined ? {} : { ref }) }));
    const closeCode = ERROR_CLOSE_CODES[code];
    if (closeCode !== undefined) this.end(closeCode, code);
  }

  /** Ends the connection; whatever it has sent and is not yet accepted is discarded. */
  end(closeCode: number, reason: string): void {
    if (this.state.kind === 'ended') return;
    this.#leaveRoom(closeCode === ERROR_CLOSE_CODES.replaced ? 'silently' : endsFor(closeCode), closeCode, reason);
    this.state = ENDED;
    this.#backlog = undefined;
    this.socket.close(closeCode, reason);
  }

  /** A peer that shows no sign of life: there is nobody to shake hands with. */
  drop(): void {
    this.socket.terminate();
  }

  /** Something has come after the welcome went out. */
  #showsWelcome(): void {
    this.#isUnwitting = false;
    if (this.state.kind === 'joined') this.state.room.claims.forget(this.state.member.id);
  }

  #leaveRoom(how: 'announce' | 'await' | 'silently', code: number, reason: string): void {
    if (this.state.kind !== 'joined') return;
    const { room, member } = this.state;
    room.leave(member, how);
    this.context.sessionLeft(this, member, code, reason);
  }

  /** Handles the lines of one frame, as long as they may be handled; the socket is paused while they may not. */
  #handleBacklog(): void {
    const backlog = this.#backlog;
    if (backlog === undefined) {
      if (this.#mayRead()) this.socket.resume();
      return;
    }
    while (this.#mayRead()) {
      const line = backlog.next();
      if (this.#workToll !== undefined) this.#payLines(backlog.passed);
      if (line === undefined) {
        this.#backlog = undefined;
        if (this.#isSlowed) this.socket.pause();
        else this.socket.resume();
        return;
      }
      this.#handle(line);
      if (this.#backlog !== backlog) return;
    }
    this.socket.pause();
  }

  #payLines(passed: number): void {
    if (passed <= this.#paidLines) return;
    this.pay((passed - this.#paidLines) * WORK.line);
    this.#paidLines = passed;
  }

  /** No answer is ever piled up: while the output is over its limit nothing is handled. */
  #mayRead(): boolean {
    return this.state.kind !== 'ended' && !this.isHeldBack && !this.isOverLimit;
  }

  #handle(line: string): void {
    try {
      const command: Command = decodeCommand(line);
      this.context.metrics.commands++;
      this.context.dispatch(this, command);
    } catch (error) {
      if (error instanceof ProtocolError) this.fail(error);
      else this.failUnexpectedly(error);
    }
  }

  failUnexpectedly(error: unknown): void {
    this.context.unexpected(error);
    this.end(CloseCode.internalError, 'internal error');
  }

  /** The address is out of debt, and it is this connection's turn. */
  #readAgain(): void {
    const now = this.context.clock.monotonic();
    this.aliveAt = now;
    // It was not read: its join may have come long ago.
    if (this.state.kind === 'waiting') this.joinBy = now + this.context.limits.join;
    this.proceed();
  }

  #replayAgain(): void {
    if (this.state.kind === 'joined') this.state.member.read();
  }
}

/** A client that was sent away does not come back; one that lost its connection may. */
function endsFor(closeCode: number): 'announce' | 'await' {
  return closeCode >= 4000 || closeCode === CloseCode.normal ? 'announce' : 'await';
}
