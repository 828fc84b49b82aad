// The page's own modules as code, for tests of what they compute (see vitest.config.ts).

declare module '*.page.js?code' {
  export const foldNick: (nick: string) => string;
  export const nickProblem: (nick: string) => string | undefined;
  export const roomProblem: (room: string) => string | undefined;
  export const shown: (text: string) => string;
  export const shownNick: (nick: string) => string;
  export const splitAtMentions: (text: string, nick: string) => { readonly text: string; readonly mention: boolean }[];
  export const isMentioned: (text: string, nick: string) => boolean;
  export const partsOf: (text: string) => string[];
  export const readTyped: (typed: string) => { readonly kind: string; readonly text?: string; readonly nick?: string };
  export const spoken: (item: object) => string;
  export const isTooLong: (text: string) => boolean;
  export class Membership {
    constructor(saved: object);
    join(nick: string, password: string | undefined, needsAll: boolean): object;
    welcomed(welcome: object): boolean;
  }
  export const listed: (names: readonly string[], most: number) => string;
}
