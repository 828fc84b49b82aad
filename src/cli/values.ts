// Checks of what flags and variables hold, for commander: each failure is a sentence and exit code 2.

import { InvalidArgumentError } from 'commander';
import { NameError, parseNick, parseRoomName } from '../protocol/index.ts';

/** A parser of whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

export function roomName(text: string): string {
  return named(parseRoomName, text);
}

export function nickName(text: string): string {
  return named(parseNick, text);
}

function named(parse: (text: string) => string, text: string): string {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof NameError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
