// The life of a connection as one union, and every way from one state to the next (RFC 6455 §7).

/**
 * - `open`: messages go both ways.
 * - `closing`: our Close frame is out; what still comes is discarded until the peer's Close frame.
 * - `closed`: the peer's Close frame has come, and ours is out.
 * - `failed`: the peer broke the protocol or a limit (§7.1.7); nothing more is read.
 * - `lost`: the transport ended without a Close frame from the peer.
 */
export type State = 'open' | 'closing' | 'closed' | 'failed' | 'lost';

export type Cause = 'closeSent' | 'closeReceived' | 'peerFault' | 'transportEnded';

const TRANSITIONS = {
  open: { closeSent: 'closing', closeReceived: 'closed', peerFault: 'failed', transportEnded: 'lost' },
  closing: { closeSent: 'closing', closeReceived: 'closed', peerFault: 'failed', transportEnded: 'lost' },
  closed: { closeSent: 'closed', closeReceived: 'closed', peerFault: 'closed', transportEnded: 'closed' },
  failed: { closeSent: 'failed', closeReceived: 'failed', peerFault: 'failed', transportEnded: 'failed' },
  lost: { closeSent: 'lost', closeReceived: 'lost', peerFault: 'lost', transportEnded: 'lost' },
} satisfies Record<State, Record<Cause, State>>;

export function transition(state: State, cause: Cause): State {
  return TRANSITIONS[state][cause];
}

/** Whether anything that still comes could matter. */
export function isOver(state: State): boolean {
  return state !== 'open' && state !== 'closing';
}
