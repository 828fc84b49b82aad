// The answer to a POST: what the request says goes to the room once its history under the same key is known, and the lines
// as the log has them are the receipts. Must never say again what is there already.

import {
  type ErrorLine,
  encodeCommand,
  linesOf,
  type MessageLine,
  type SayCommand,
  type ServerLine,
} from '../../protocol/index.ts';
import type { Refusal } from '../../websocket/index.ts';
import type { Exchange, Side } from './exchange.ts';
import { refusalFor, refusalForClose } from './statuses.ts';

const NDJSON = { 'Content-Type': 'application/x-ndjson; charset=utf-8' };

interface Receipt {
  readonly line: MessageLine;
  readonly raw: string;
}

export class Saying implements Side {
  /** Set right after it is made. */
  exchange!: Exchange;
  readonly #says: readonly SayCommand[];
  readonly #receipts: Receipt[] = [];
  readonly #errors: ErrorLine[] = [];
  /** How many were there before, once that is known; and how many of those have gone out of reach. */
  #found: number | undefined;
  #outOfReach = 0;

  constructor(says: readonly SayCommand[]) {
    this.#says = says;
  }

  line(line: ServerLine, raw: string): void {
    if (line.type === 'message') this.#receipts.push({ line, raw });
    else if (line.type === 'error') this.#errors.push(line);
    if (line.type === 'live') this.#sayRest();
    else this.#answerWhenDone();
  }

  /** More of its own lines than fit into a frame. */
  bytes(lines: Buffer): void {
    for (const raw of linesOf(lines.toString())) this.exchange.send(raw);
  }

  ended(code: number): void {
    const [error] = this.#errors;
    this.exchange.refuse(error === undefined ? refusalForClose(code) : this.#refusal(error));
  }

  beat(): void {}

  /** All that was said under its key is known. */
  #sayRest(): void {
    const [first] = this.#receipts;
    const start = first === undefined ? 0 : this.#says.findIndex(({ ref }) => ref === first.line.ref);
    if (!this.#receipts.every(({ line }, i) => isSame(line, this.#says[start + i]))) {
      this.exchange.refuse({ status: 422, headers: {}, message: 'This Idempotency-Key was used for something else.' });
      return;
    }
    this.#outOfReach = start;
    this.#found = start + this.#receipts.length;
    const rest = this.#says.slice(this.#found);
    if (rest.length === 0) {
      this.#answerWhenDone();
      return;
    }
    // Not in this call: the member that is told `live` is so only behind it.
    setImmediate(() => {
      const lines = rest.map((say) => `${encodeCommand(say)}\n`).join('');
      if (!this.exchange.isAnswered) this.exchange.handler.message(Buffer.from(lines), false);
    });
  }

  #answerWhenDone(): void {
    const [error] = this.#errors;
    if (this.#found === undefined) {
      // It has not come in, and says nothing.
      if (error !== undefined) this.exchange.refuse(this.#refusal(error));
      return;
    }
    const answered = this.#outOfReach + this.#receipts.length + this.#errors.length;
    if (answered < this.#says.length || this.exchange.isAnswered) return;
    if (error !== undefined) {
      this.exchange.refuse(this.#refusal(error));
      return;
    }
    const body = this.#receipts.map(({ raw }) => `${raw}\n`).join('');
    this.exchange.answer(this.#found === this.#says.length ? 200 : 201, body, NDJSON);
  }

  #refusal(error: ErrorLine): Refusal {
    const many = this.#says.length;
    const said = this.#outOfReach + this.#receipts.length;
    const message = many === 1 ? error.message : `${error.message} ${said} of ${many} messages were said.`;
    return refusalFor({ ...error, message });
  }
}

function isSame({ text, ref }: MessageLine, say: SayCommand | undefined): boolean {
  return text === say?.text && ref === say.ref;
}
