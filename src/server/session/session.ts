// One client's connection: takes its lines one after the other, each when it may be handled, and is the output of its
// member. All changes of its state are here; what a command does is in commands.ts and joining.ts.

import { DamagedError, UncertainAppendError } from '../../log/index.ts';
import {
  decodeCommand,
  ERROR_CLOSE_CODES,
  encodeError,
  isOwnerCommand,
  type JoinCommand,
  type OwnerCommand,
  ProtocolError,
} from '../../protocol/index.ts';
import { CloseCode, type PreparedMessage, type WebSocketHandler } from '../../websocket/index.ts';
import type { ClientAddress } from '../addresses/address.ts';
import { customerText } from '../addresses/network.ts';
import type { Account, Accounts } from '../budget/account.ts';
import type { LogQuota } from '../budget/quotas.ts';
import { COMPRESSED_REPLAY, WORK } from '../common/limits.ts';
import type { Metrics } from '../reporting/metrics.ts';
import { sendLines } from '../room/line-frames.ts';
import type { Member } from '../room/member.ts';
import type { Room } from '../room/room.ts';
import { dispatch, notJoined } from './commands.ts';
import { Dues } from './dues.ts';
import type { Guise } from './guise.ts';
import { Intake, type IntakeOwner } from './intake.ts';
import { type JoinContext, type JoiningSession, join } from './joining.ts';
import { Life } from './life.ts';
import type { SessionSocket } from './socket.ts';
import { ENDED, JOINING, type JoinedHow, leavesFor, type SessionState, WAITING } from './state.ts';

/** What a session needs of the server around it. */
export interface SessionContext extends JoinContext {
  readonly metrics: Metrics;
  readonly accounts: Accounts;
  readonly logQuota: LogQuota;
  /** What a member that may be an owner wants done. Resolves with the answer's lines; rejects with ProtocolError. */
  act(address: ClientAddress, room: Room, member: Member, command: OwnerCommand): Promise<string>;
  sessionJoined(session: Session, member: Member, how: JoinedHow): void;
  sessionLeft(session: Session, member: Member, code: number, reason: string): void;
  /** The connection is closed; whether it had ever joined. */
  sessionClosed(session: Session): void;
  /** An error that is the server's own: whole on the console, "internal error" outside. */
  unexpected(error: unknown): void;
}

export class Session implements WebSocketHandler, IntakeOwner, JoiningSession {
  state: SessionState = WAITING;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly life: Life;
  readonly #intake = new Intake(this);
  /** An owner's command is under way: what follows it waits, so that each finds done what came before it. */
  #isActing = false;
  /** Whether the client has still to show that it has its welcome. */
  #isUnwitting = false;
  readonly #dues: Dues;
  readonly socket: SessionSocket;
  readonly roomName: string;
  readonly address: ClientAddress;
  readonly customer: string | undefined;
  readonly context: SessionContext;
  readonly guise: Guise | undefined;

  constructor(socket: SessionSocket, roomName: string, address: ClientAddress, context: SessionContext, guise?: Guise) {
    this.socket = socket;
    this.roomName = roomName;
    this.address = address;
    this.customer = customerText(address.text);
    this.context = context;
    this.guise = guise;
    const { clock, limits, metrics } = context;
    this.since = clock.now();
    this.life = new Life(clock.monotonic(), limits.join);
    this.#dues = new Dues(context.accounts, address, metrics, {
      readAgain: () => this.#readAgain(),
      replayAgain: () => this.#replayAgain(),
    });
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
    return this.#dues.isSlowed || this.state.kind === 'joining' || this.#isActing || this.#waitsForDisk;
  }

  /** Its lines are not handled while the disk does not keep up with its room. */
  get #waitsForDisk(): boolean {
    return !this.#intake.isEmpty && this.state.kind === 'joined' && this.state.room.holdsBack();
  }

  get isReplayHeldBack(): boolean {
    return this.#dues.isReplayHeldBack;
  }

  get account(): Account | undefined {
    return this.#dues.account;
  }

  // What the WebSocket tells.

  message(data: Buffer, binary: boolean): void {
    if (binary) {
      this.end(CloseCode.unsupportedData, 'text frames only');
      return;
    }
    if (this.#isUnwitting) this.#showsWelcome();
    this.pay(Math.max(1, Math.floor(data.length / WORK.frameBytes)));
    this.#intake.take(data.toString());
    this.#handleLines();
  }

  control(): void {
    if (this.#isUnwitting) this.#showsWelcome();
    this.pay(WORK.control);
    if (this.#dues.isSlowed) this.socket.pause();
  }

  drained(): void {
    if (this.state.kind === 'joined') this.state.member.read();
    this.#handleLines();
  }

  closed(code: number, reason: string): void {
    this.#leaveRoom(code === CloseCode.normal ? 'announce' : 'await', code, reason);
    this.state = ENDED;
    this.#intake.discard();
    this.#dues.close();
    this.context.sessionClosed(this);
  }

  // What a member's room tells.

  sendPrepared(message: PreparedMessage): void {
    this.socket.sendPrepared(message);
  }

  get sharedWindowBits(): number | undefined {
    return this.socket.sharedWindowBits;
  }

  sendFrame(frame: Buffer): void {
    this.socket.sendFrame(frame);
  }

  send(lines: string): void {
    sendLines(this.socket, lines);
  }

  corked(send: () => void): void {
    this.socket.corked(send);
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

  replayed(bytes: number, shared: boolean): void {
    this.#dues.payReplay(this.socket.compresses && !shared ? bytes * COMPRESSED_REPLAY : bytes);
  }

  // What commands do to the session.

  /** Charges its address with work, in units of WORK. What is under way goes on; what comes next may have to wait. */
  pay(units: number): void {
    this.#dues.pay(units);
  }

  /**
   * Resolves when its join may search a log, of which it reads `most` bytes at the most: they are charged as a replay's.
   * False where the connection is gone.
   */
  async paySearch(most: number): Promise<boolean> {
    await this.#dues.passReplay();
    if (this.state.kind !== 'joining') return false;
    this.#dues.payReplay(most);
    return true;
  }

  /** Gives back what the search did not need. */
  refundSearch(bytes: number): void {
    this.#dues.refundReplay(bytes);
  }

  /** A join is under way: nothing else of this connection is handled meanwhile. */
  beginJoin(): void {
    this.state = JOINING;
    this.socket.pause();
  }

  joined(room: Room, member: Member, how: JoinedHow): void {
    this.state = { kind: 'joined', room, member, attempt: how.attempt };
    this.#isUnwitting = how.claims;
    this.#dues.queueReplay();
    if (!member.reads) this.context.sessionJoined(this, member, how);
  }

  /** The join failed in a way that leaves the connection open for another. */
  joinAgain(): void {
    this.state = WAITING;
    this.life.joinBy = this.context.clock.monotonic() + this.context.limits.join;
  }

  /** Goes on with what was held back. */
  proceed(): void {
    if (this.state.kind === 'ended') return;
    this.#handleLines();
  }

  /** An error for the client; it ends the connection where its code says so. */
  fail(error: ProtocolError): void {
    if (this.state.kind === 'ended') return;
    const { code } = error;
    this.context.metrics.refused(code);
    this.send(encodeError(error));
    const closeCode = ERROR_CLOSE_CODES[code];
    if (closeCode !== undefined) this.end(closeCode, code);
  }

  /** Ends the connection; whatever it has sent and is not yet accepted is discarded. */
  end(closeCode: number, reason: string): void {
    if (this.state.kind === 'ended') return;
    this.#leaveRoom(closeCode === ERROR_CLOSE_CODES.replaced ? 'silently' : leavesFor(closeCode), closeCode, reason);
    this.state = ENDED;
    this.#intake.discard();
    this.socket.close(closeCode, reason);
  }

  /** A peer that shows no sign of life: there is nobody to shake hands with. */
  drop(): void {
    this.socket.terminate();
  }

  /** Something has come after the welcome went out. */
  #showsWelcome(): void {
    this.#isUnwitting = false;
    if (this.state.kind === 'joined') this.state.room.roster.claims.forget(this.state.member.id);
  }

  #leaveRoom(how: 'announce' | 'await' | 'silently', code: number, reason: string): void {
    if (this.state.kind !== 'joined') return;
    const { room, member } = this.state;
    room.leave(member, how);
    if (!member.reads) this.context.sessionLeft(this, member, code, reason);
  }

  /** Handles the lines of the frame at hand, as long as they may be; the socket is paused while they may not. */
  #handleLines(): void {
    if (this.#intake.isEmpty) {
      if (this.mayRead()) this.socket.resume();
      return;
    }
    const isDone = this.#intake.goOn();
    if (this.state.kind === 'ended') return;
    if (isDone && !this.#dues.isSlowed) this.socket.resume();
    else this.socket.pause();
  }

  payLines(count: number): void {
    this.pay(count * WORK.line);
  }

  /** No answer is ever piled up: while the output is over its limit nothing is handled. */
  mayRead(): boolean {
    return this.state.kind !== 'ended' && !this.isHeldBack && !this.isOverLimit;
  }

  handle(line: string): void {
    try {
      const command = decodeCommand(line);
      this.context.metrics.commands++;
      if (isOwnerCommand(command)) this.#act(command);
      else if (command.type !== 'join') dispatch(this, command, this.context.logQuota);
      else if (this.state.kind === 'waiting') this.#join(command);
      else throw new ProtocolError('bad_request', 'This connection has already joined.');
    } catch (error) {
      if (error instanceof ProtocolError) this.fail(error);
      else this.failUnexpectedly(error);
    }
  }

  #join(command: JoinCommand): void {
    this.pay(WORK.join);
    join(this, command, this.context).catch((error) => this.failUnexpectedly(error));
  }

  #act(command: OwnerCommand): void {
    const { state } = this;
    if (state.kind !== 'joined') throw notJoined(command.type);
    this.pay(WORK.ownerCommand);
    this.#isActing = true;
    this.#answerAct(state.room, state.member, command).catch((error) => this.failUnexpectedly(error));
  }

  async #answerAct(room: Room, member: Member, command: OwnerCommand): Promise<void> {
    try {
      const lines = await this.context.act(this.address, room, member, command);
      if (this.state.kind === 'joined') this.send(lines);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
    } finally {
      this.#isActing = false;
    }
    this.proceed();
  }

  failUnexpectedly(error: unknown): void {
    this.context.unexpected(error);
    this.end(CloseCode.internalError, 'internal error');
  }

  /** The address is out of debt, and it is this connection's turn. */
  #readAgain(): void {
    const now = this.context.clock.monotonic();
    this.life.aliveAt = now;
    // It was not read: its join may have come long ago.
    if (this.state.kind === 'waiting') this.life.joinBy = now + this.context.limits.join;
    this.proceed();
  }

  #replayAgain(): void {
    if (this.state.kind === 'joined') this.state.member.read();
  }
}
