// A room in memory whose connections may break at any moment, in either direction, for the client alone or for both. It
// keeps the promises of the protocol to those who resume, and nothing more. No sockets, no time.

import { type Dial, DialFailure, type Socket } from '../../src/client/index.ts';
import { type Command, decodeCommand, encodeLine, linesOf, type ServerLine } from '../../src/protocol/index.ts';

interface Entry {
  readonly seq: number;
  readonly id: string;
  readonly text: string;
  readonly ref: string | undefined;
}

export class ModelLink implements Socket {
  handler: Socket['handler'] = { message() {}, drained() {}, closed() {} };
  bytesReceived = 0;
  /** On their way. */
  readonly toServer: string[] = [];
  readonly toClient: string[] = [];
  id: string | undefined;
  speaker = false;
  serverGone = false;
  clientGone = false;

  send(text: string): void {
    if (!this.clientGone) this.toServer.push(text);
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.breakOff('both');
  }

  terminate(): void {
    this.breakOff('client');
  }

  /** For the client alone: what it has sent still reaches the server, until the server ends this connection. */
  breakOff(forWhom: 'client' | 'both'): void {
    this.toClient.length = 0;
    if (forWhom === 'both') this.endByServer();
    if (this.clientGone) return;
    this.clientGone = true;
    setImmediate(() => this.handler.closed(1006, ''));
  }

  /** Input that is not accepted yet is discarded. */
  endByServer(): void {
    this.serverGone = true;
    this.toServer.length = 0;
  }

  clientReads(): void {
    const frame = this.toClient.shift();
    if (frame === undefined || this.clientGone) return;
    this.bytesReceived += frame.length;
    this.handler.message(frame, false);
  }
}

export class ModelRoom {
  readonly log: Entry[] = [];
  links: ModelLink[] = [];
  dialsToRefuse = 0;
  /** Ids whose keys still fit. */
  private known = new Set<string>();
  private clients = 0;

  readonly dial: Dial = async () => {
    if (this.dialsToRefuse > 0) {
      this.dialsToRefuse -= 1;
      throw new DialFailure('unreachable', 'refused by the test');
    }
    const link = new ModelLink();
    this.links.push(link);
    return link;
  };

  get current(): ModelLink | undefined {
    return this.links.findLast((link) => !link.clientGone);
  }

  /** Somebody is connected and has joined, and nothing is on its way. */
  get isAtRest(): boolean {
    const { current } = this;
    return current?.id !== undefined && current.toServer.length === 0 && current.toClient.length === 0;
  }

  forgetKeys(): void {
    this.known = new Set();
    // Only a new start forgets keys, and nobody's connection outlives that.
    for (const link of this.links) link.breakOff('both');
  }

  somebodyElseSays(): void {
    this.append({ id: 'other', text: 'of another', ref: undefined });
  }

  /** One frame of each connection that has one. */
  serverReads(): void {
    for (const link of this.links) {
      const frame = link.serverGone ? undefined : link.toServer.shift();
      for (const line of linesOf(frame ?? '')) this.handle(link, decodeCommand(line));
    }
    this.links = this.links.filter((link) => !(link.serverGone && link.clientGone));
  }

  private handle(link: ModelLink, command: Command): void {
    if (command.type === 'join') this.join(link, command);
    else if (command.type === 'say') this.append({ id: link.id ?? '', text: command.text, ref: command.ref });
  }

  private join(link: ModelLink, command: Extract<Command, { type: 'join' }>): void {
    const { resume, since, last } = command;
    const resumes = resume !== undefined && this.known.has(resume.id);
    if (resumes) for (const other of this.links) if (other.id === resume.id) other.endByServer();
    this.clients += 1;
    link.id = resumes ? resume.id : `client${this.clients}`;
    link.speaker = command.as === 'speaker';
    this.known.add(link.id);
    const end = link.speaker && !resumes ? this.end : 0;
    const after = last === undefined ? (since ?? end) : (this.log.at(-last - 1)?.seq ?? 0);
    if (resume !== undefined && !resumes) this.tell(link, { type: 'error', code: 'resume_invalid', message: 'No.' });
    const { id } = link;
    const facts = { room: 'lobby', epoch: 'e', present: 1, created: false, protected: false, key: 'k' };
    this.tell(link, { type: 'welcome', protocol: 1, id, nick: 'bob', seq: this.end, after, ...facts });
    for (const entry of this.log) if (entry.seq > after) this.show(link, entry);
    this.tell(link, { type: 'live', seq: this.end });
  }

  private get end(): number {
    return this.log.at(-1)?.seq ?? 0;
  }

  private append(said: Omit<Entry, 'seq'>): void {
    const entry = { ...said, seq: this.end + 1 + (this.end % 3) };
    this.log.push(entry);
    for (const link of this.links) if (link.id !== undefined && !link.serverGone) this.show(link, entry);
  }

  private show(link: ModelLink, { ref, ...entry }: Entry): void {
    if (link.speaker && entry.id !== link.id) return;
    const line = { type: 'message', at: 1, nick: 'bob', ...entry, ...(ref === undefined ? {} : { ref }) };
    if (!link.clientGone) link.toClient.push(`${JSON.stringify(line)}\n`);
  }

  private tell(link: ModelLink, line: Exclude<ServerLine, { type: 'message' | 'notice' }>): void {
    if (!link.clientGone) link.toClient.push(encodeLine(line));
  }
}
