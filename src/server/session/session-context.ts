// What a session needs of the server around it: a narrow view, so that a session can be tested without the rest.

import type { Command } from '../../protocol/index.ts';
import type { Accounts } from '../budget/account.ts';
import type { LogQuota } from '../budget/quotas.ts';
import type { Clock } from '../common/clock.ts';
import type { ServerLimits } from '../common/limits.ts';
import type { Metrics } from '../reporting/metrics.ts';
import type { Member } from '../room/member.ts';
import type { JoinedHow, Session } from './session.ts';

export interface SessionContext {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly metrics: Metrics;
  readonly accounts: Accounts;
  readonly logQuota: LogQuota;
  /** Handles one command. Throws ProtocolError. */
  dispatch(session: Session, command: Command): void;
  sessionJoined(session: Session, member: Member, how: JoinedHow): void;
  sessionLeft(session: Session, member: Member, code: number, reason: string): void;
  /** The connection is closed; whether it had ever joined. */
  sessionClosed(session: Session): void;
  /** An error that is the server's own: whole on the console, "internal error" outside. */
  unexpected(error: unknown): void;
}
