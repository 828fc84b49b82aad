// The lines that PROTOCOL.md names, as a foreign peer would write them down. It never imports the project's own types.

export interface Welcome {
  type: 'welcome';
  protocol: number;
  id: string;
  nick: string;
  room: string;
  epoch: string;
  seq: number;
  after: number;
  present: number;
  created: boolean;
  protected: boolean;
  key: string;
  owner?: string;
  topic?: string;
  readonly?: boolean;
  slow?: number;
}
export interface Settings {
  type: 'settings';
  at: number;
  topic?: string;
  readonly?: boolean;
  slow?: number;
}
export interface Done {
  type: 'done';
  command: string;
  id?: string;
  nick?: string;
  for?: number;
}
export interface Key {
  type: 'key';
  key: string;
}
export interface Message {
  type: 'message';
  seq: number;
  at: number;
  id: string;
  nick: string;
  text: string;
  ref?: string;
}
export interface Notice {
  type: 'notice';
  seq: number;
  at: number;
  text: string;
}
export interface Live {
  type: 'live';
  seq: number;
}
interface Presence {
  at: number;
  id: string;
  nick: string;
}
export interface Joined extends Presence {
  type: 'joined';
}
export interface Left extends Presence {
  type: 'left';
}
export interface Renamed extends Presence {
  type: 'renamed';
  was: string;
}
export interface Crowd {
  type: 'crowd';
  at: number;
  joined: number;
  left: number;
  present: number;
}
export interface Members {
  type: 'members';
  members: { id: string; nick: string }[];
  present: number;
}
export interface Direct {
  type: 'direct';
  at: number;
  text: string;
}
export interface ErrorLine {
  type: 'error';
  code: string;
  message: string;
  ref?: string;
}
export interface Pong {
  type: 'pong';
}

export type WireLine =
  | Welcome
  | Key
  | Message
  | Notice
  | Live
  | Joined
  | Left
  | Renamed
  | Crowd
  | Members
  | Direct
  | Settings
  | Done
  | ErrorLine
  | Pong;

export type LineType = WireLine['type'];
export type LineOf<T extends LineType> = Extract<WireLine, { type: T }>;
