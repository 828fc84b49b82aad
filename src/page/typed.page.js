// What a typed text means: something to say, or a command that begins with a slash.
// What is no command is never said in its place: it must not reach the room by mistake.

import { nickProblem } from './names.page.js';

export function readTyped(typed) {
  const text = typed.trimEnd();
  if (text.trim() === '') return { kind: 'nothing' };
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) };
  if (!text.startsWith('/') || /^\/me\s+\S/.test(text)) return { kind: 'say', text };
  const nick = /^\/nick\s+(\S+)$/.exec(text)?.[1];
  if (nick !== undefined) {
    const problem = nickProblem(nick);
    return problem === undefined ? { kind: 'nick', nick } : { kind: 'mistake', message: problem };
  }
  return { kind: 'mistake', message: 'Commands are /me TEXT and /nick NAME. Begin with // to say a slash.' };
}
