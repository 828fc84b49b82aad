// The yardstick of a replay: a file piped to whoever connects, with nothing in between.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:net';

export function serve(port: number, file: string): void {
  createServer((socket) => {
    socket.on('error', () => {});
    createReadStream(file).pipe(socket);
  }).listen(port, '127.0.0.1');
}
