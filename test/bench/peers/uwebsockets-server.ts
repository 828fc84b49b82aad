// The same on uWebSockets for Node, with its own publish and subscribe. The package is the bench's alone and has no
// types here: what is used of it is written down.
import { handleLine, LIVE, newTalker, type Talker } from './lines.ts';

interface Socket {
  getUserData(): Talker;
  subscribe(topic: string): void;
  send(text: string): void;
}

interface Behavior {
  readonly upgrade: (response: Response, request: Request, context: unknown) => void;
  readonly open: (socket: Socket) => void;
  readonly message: (socket: Socket, data: ArrayBuffer) => void;
}

interface Response {
  upgrade(data: Talker, key: string, protocol: string, extensions: string, context: unknown): void;
}

interface Request {
  getUrl(): string;
  getHeader(name: string): string;
}

interface App {
  ws(pattern: string, behavior: Behavior): App;
  listen(host: string, port: number, done: () => void): App;
  publish(topic: string, text: string): void;
}

export function serve(port: number, { App }: { readonly App: () => App }): void {
  const app = App();
  app
    .ws('/*', {
      upgrade: (response, request, context) => {
        const header = (name: string) => request.getHeader(`sec-websocket-${name}`);
        const talker = newTalker(request.getUrl());
        response.upgrade(talker, header('key'), header('protocol'), header('extensions'), context);
      },
      open: (socket) => socket.subscribe(socket.getUserData().room),
      message: (socket, data) => {
        const talker = socket.getUserData();
        const message = handleLine(talker, Buffer.from(data).toString());
        if (message === undefined) socket.send(LIVE);
        else app.publish(talker.room, message);
      },
    })
    .listen('127.0.0.1', port, () => {});
}
