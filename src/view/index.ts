// What both screens say alike: times and numbers, mentions, and what happens in a room. Never knows what a screen is.

export { actionOf } from './action.ts';
export { crowdText, type Move, moveOf, type PresenceLine } from './events.ts';
export { markup, type Span } from './markup.ts';
export { isMentioned, type Piece, splitAtMentions } from './mentions.ts';
export { NICK_COLOURS, type NickColour, nickColour } from './nick-colour.ts';
export {
  holdsSecret,
  OWNER_COMMANDS,
  type OwnerSlashCommand,
  type OwnerTyped,
  passwordCommand,
} from './owner-typed.ts';
export {
  doneText,
  NOT_THE_KEY,
  OWNER_NOW,
  OWNER_OF_NEW,
  ownerTexts,
  settingsTexts,
  standingTexts,
  topicText,
} from './settings.ts';
export { counted, dayOf, grouped, listed, momentOf, timeOfDay } from './words.ts';
