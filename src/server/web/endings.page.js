// What follows from the end of a connection: come back, ask for a password, stay out of an open room, or be done. The one
// table of that, and its sentences. Decides nothing about time.

/** Error codes that end a connection, beside those after which a client comes back. */
const FINAL_ERRORS = new Set([
  'bad_request',
  'password_required',
  'password_wrong',
  'kicked',
  'banned',
  'join_timeout',
  'replaced',
  'unprotected',
  'throttled',
  'damaged',
]);
const PASSING_ERRORS = new Set(['going_away', 'overloaded']);

const PASSING_CLOSES = new Map([
  [1001, 'The server is going away.'],
  [1006, 'The connection was lost.'],
  [1011, 'The server had an internal error.'],
  [1012, 'The server is restarting.'],
  [1013, 'The server is overloaded.'],
]);

const FINAL_CLOSES = new Map([
  [4400, 'The server did not understand this page. Reload it to get the server’s own.'],
  [4403, 'You were removed from the room.'],
  [4408, 'Joining took too long.'],
  [4410, 'You are in this room in another tab or window.'],
  [4429, 'There were too many wrong passwords. Try again later.'],
  [4500, 'The history of this room is damaged. Whoever runs the server has to look at it.'],
]);

/** The room is open where it was known to have a password. */
export const STAY_OUT = {
  next: 'stay out',
  message: 'This room had a password and is now open to everybody. You have not joined it; what you wrote is kept.',
};

export function endsConnection(errorCode) {
  return FINAL_ERRORS.has(errorCode) || PASSING_ERRORS.has(errorCode);
}

/** An error line tells more than the close code that follows it. */
export function afterError({ code, message }) {
  if (PASSING_ERRORS.has(code)) return { next: 'come back', reason: message };
  if (code === 'password_required' || code === 'password_wrong')
    return { next: 'ask password', wrong: code === 'password_wrong' };
  if (code === 'unprotected') return STAY_OUT;
  return { next: 'end', message: code === 'replaced' ? FINAL_CLOSES.get(4410) : message };
}

export function afterClose(code) {
  const reason = PASSING_CLOSES.get(code);
  if (reason !== undefined) return { next: 'come back', reason };
  if (code === 4401) return { next: 'ask password', wrong: false };
  if (code === 4412) return STAY_OUT;
  return { next: 'end', message: FINAL_CLOSES.get(code) ?? `The connection ended with code ${code}.` };
}
