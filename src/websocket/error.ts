// The one error of this folder's protocol core: what the peer did wrong, and the close code that says so.
// It never leaves the folder: a Connection catches it in one place and turns it into a Close frame.

export class WebSocketError extends Error {
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super(message);
    this.name = 'WebSocketError';
    this.closeCode = closeCode;
  }
}
