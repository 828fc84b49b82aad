// The same on Bun, with its native publish. Runs under Bun only; what is used of it is written down.
import { handleLine, LIVE, newTalker, type Talker } from './lines.ts';

interface Socket {
  readonly data: Talker;
  subscribe(topic: string): void;
  send(text: string): void;
}

interface Server {
  upgrade(request: { readonly url: string }, options: { readonly data: Talker }): boolean;
  publish(topic: string, text: string): void;
}

declare const Bun: {
  serve(options: {
    readonly port: number;
    readonly hostname: string;
    fetch(request: { readonly url: string }, server: Server): Response | undefined;
    readonly websocket: { open(socket: Socket): void; message(socket: Socket, data: string): void };
  }): Server;
};

export function serve(port: number): void {
  const server = Bun.serve({
    port,
    hostname: '127.0.0.1',
    fetch(request, serving) {
      const data = newTalker(new URL(request.url).pathname);
      return serving.upgrade(request, { data }) ? undefined : new Response('a WebSocket is needed', { status: 426 });
    },
    websocket: {
      open: (socket) => socket.subscribe(socket.data.room),
      message: (socket, data) => {
        const message = handleLine(socket.data, data);
        if (message === undefined) socket.send(LIVE);
        else server.publish(socket.data.room, message);
      },
    },
  });
}
