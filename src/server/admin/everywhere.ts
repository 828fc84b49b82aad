// Asks every server of the cluster, this one too, or the one that is concerned.

import { ControlError, type ControlErrorCode } from '../../protocol/index.ts';
import type { AdminContext } from './admin-context.ts';
import { asControlError } from './control-errors.ts';
import type { OtherServer } from './others.ts';
import { type Answers, type Asked, answersHere, type QuestionType } from './questions.ts';

export interface From<T> {
  readonly answer: T;
  /** Undefined for a server of its own. */
  readonly from: OtherServer | undefined;
}

/** What a server has replied: one of the two. */
interface Reply<T> {
  readonly answer?: T;
  readonly error?: { readonly code: ControlErrorCode; readonly message: string };
}

/**
 * The answers of all servers, this one's first. Those that did not answer, or could not, are added to `silent`. Throws what
 * this server's own answer throws.
 */
export async function* everywhere<T extends QuestionType>(
  server: AdminContext,
  question: Asked<T>,
  silent: OtherServer[],
): AsyncGenerator<From<Answers[T]>> {
  const others: From<Answers[T]>[] = [];
  const asking = server.others.ask(JSON.stringify(question), undefined, (from, text) => {
    const { answer } = parseReply<Answers[T]>(text);
    if (answer === undefined) silent.push(from);
    else others.push({ answer, from });
  });
  const from = server.others.self;
  for await (const answer of answersHere(server, question)) yield { answer, from };
  silent.push(...(await asking));
  yield* others;
}

/** The answer of one server. Rejects with ControlError. */
export async function askOne<T extends QuestionType>(
  server: AdminContext,
  ref: number,
  whom: OtherServer | undefined,
  question: Asked<T>,
): Promise<Answers[T]> {
  const reply = await replyOf(server, whom, question);
  if (reply?.answer !== undefined) return reply.answer;
  const { code, message } = reply?.error ?? {
    code: 'failed',
    message: `The server ${whom?.name} did not answer: try again.`,
  };
  throw new ControlError(ref, code, message);
}

async function replyOf<T extends QuestionType>(
  server: AdminContext,
  whom: OtherServer | undefined,
  question: Asked<T>,
): Promise<Reply<Answers[T]> | undefined> {
  if (whom?.id !== server.others.self?.id) {
    let reply: Reply<Answers[T]> | undefined;
    await server.others.ask(JSON.stringify(question), whom, (_, text) => {
      reply = parseReply(text);
    });
    return reply;
  }
  try {
    for await (const answer of answersHere(server, question)) return { answer };
    return undefined;
  } catch (error) {
    const known = asControlError(0, error);
    if (known === undefined) throw error;
    return { error: known };
  }
}

/** Another server of the same cluster is believed. */
function parseReply<T>(text: string): Reply<T> {
  return JSON.parse(text);
}
