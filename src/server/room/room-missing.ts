// The error of speaking to a room that is not there.

/** A room that the server was told to speak to and that is not there. */
export class RoomMissing extends Error {
  override readonly name = 'RoomMissing';

  constructor(room: string) {
    super(`The room ${room} does not exist.`);
  }
}
