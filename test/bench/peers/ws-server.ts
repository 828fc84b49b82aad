// The broadcast server that a team would write on the `ws` package.
import { WebSocketServer } from 'ws';
import { handleLine, LIVE, newTalker } from './lines.ts';

export function serve(port: number): void {
  const rooms = new Map<string, Set<import('ws').WebSocket>>();
  new WebSocketServer({ port, host: '127.0.0.1' }).on('connection', (socket, request) => {
    const talker = newTalker(request.url ?? '');
    const room = rooms.get(talker.room) ?? new Set();
    rooms.set(talker.room, room.add(socket));
    socket.on('message', (data) => {
      const message = handleLine(talker, data.toString());
      if (message === undefined) {
        socket.send(LIVE);
      } else {
        for (const member of room) member.send(message);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => room.delete(socket));
  });
}
