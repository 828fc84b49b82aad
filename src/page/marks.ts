// Bounds the marks that are shown on a letter: a heap of them would be drawn over the lines of others. Never changes what is
// kept, only what is looked at.

import { MAX_MARKS_IN_NICK, MAX_MARKS_SHOWN } from '../protocol/index.ts';

// Invisible characters between marks do not keep them from piling up.
const IN_TEXT = /[\p{M}\p{Cf}]+/gu;
/** Without those that take space of their own, as the rule for nicks has it. */
const IN_NICK = /[\p{Mn}\p{Me}\p{Cf}]+/gu;

/** A text with a bounded number of marks in a row; one visible character stands for those beyond. */
export function shown(text: string): string {
  return text.replace(IN_TEXT, (run) => bounded(run, MAX_MARKS_SHOWN));
}

/** A nick with as many as a nick may have: those in old logs may have more. */
export function shownNick(nick: string): string {
  return nick.replace(IN_NICK, (run) => bounded(run, MAX_MARKS_IN_NICK));
}

function bounded(run: string, most: number): string {
  if (run.length <= most) return run;
  const marks = [...run];
  return marks.length <= most ? run : `${marks.slice(0, most).join('')}\ufffd`;
}
