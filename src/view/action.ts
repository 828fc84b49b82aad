// A message that is what somebody does: a convention between clients, of which the server knows nothing.

const ACTION = '/me ';

/** What its author does, or undefined for a text that is said. */
export function actionOf(text: string): string | undefined {
  return text.startsWith(ACTION) ? text.slice(ACTION.length) : undefined;
}
