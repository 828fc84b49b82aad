// A member's connection that only collects: what a room would have put on the wire, frame by frame.

import type { ProtocolError } from '../../src/protocol/index.ts';
import type { MemberOutput } from '../../src/server/room/member.ts';
import type { PreparedMessage } from '../../src/websocket/index.ts';

export class CollectedOutput implements MemberOutput {
  readonly frames: string[] = [];
  /** What the socket has not taken yet, as the test says. */
  bufferedBytes = 0;
  /** Bytes that were read of the log for it. */
  replayedBytes = 0;
  isReplayHeldBack = false;
  failure: unknown;
  /** How often it was told that its room may be spoken in again. */
  proceeded = 0;

  sendPrepared(message: PreparedMessage): void {
    this.frames.push(message.payload.toString());
  }

  sharedWindowBits: number | undefined;
  /** Frames that were compressed for many. */
  readonly shared: Buffer[] = [];

  sendFrame(frame: Buffer): void {
    this.shared.push(frame);
  }

  send(lines: string): void {
    this.frames.push(lines);
  }

  corked(send: () => void): void {
    send();
  }

  replayed(bytes: number): void {
    this.replayedBytes += bytes;
  }

  proceed(): void {
    this.proceeded += 1;
  }

  fail(error: ProtocolError): void {
    this.failure = error;
  }

  logFailed(error: unknown): void {
    this.failure = error;
  }

  /** The types of the lines, messages by their text. */
  get told(): string[] {
    return this.frames
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const fields: { type: string; text?: string; nick?: string; code?: string } = JSON.parse(line);
        const detail = fields.text ?? fields.code ?? fields.nick;
        return detail === undefined ? fields.type : `${fields.type} ${detail}`;
      });
  }
}
