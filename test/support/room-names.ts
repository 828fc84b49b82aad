// A room of its own for each test that shares a server with others.

let rooms = 0;

export function freshRoom(): string {
  return `room-${++rooms}`;
}
