// Parses Sec-WebSocket-Extensions (RFC 6455 §9.1) in one pass, character by character: no expression that could
// backtrack, no object keyed by a foreign string. Never knows what an extension means.
import { isToken } from './header-fields.ts';

export interface ExtensionParameter {
  readonly name: string;
  readonly value: string | undefined;
}

export interface ExtensionOffer {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

/** The extensions in order, or `undefined` when the field is malformed. */
export function parseExtensions(field: string): ExtensionOffer[] | undefined {
  const scanner = new Scanner(field);
  const offers: ExtensionOffer[] = [];
  while (!scanner.atEnd()) {
    // RFC 9110 §5.6.1.2: empty elements are to be ignored.
    if (scanner.skip(',')) continue;
    const name = scanner.token();
    if (name === undefined) return undefined;
    const parameters: ExtensionParameter[] = [];
    while (scanner.skip(';')) {
      const parameter = parseParameter(scanner);
      if (parameter === undefined) return undefined;
      parameters.push(parameter);
    }
    if (!scanner.atEnd() && !scanner.skip(',')) return undefined;
    offers.push({ name, parameters });
  }
  return offers.length > 0 ? offers : undefined;
}

function parseParameter(scanner: Scanner): ExtensionParameter | undefined {
  const name = scanner.token();
  if (name === undefined) return undefined;
  if (!scanner.skip('=')) return { name, value: undefined };
  const value = scanner.token() ?? scanner.quotedToken();
  return value === undefined ? undefined : { name, value };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skipSpace();
    return this.#at >= this.#text.length;
  }

  /** Steps over this character, and space around it; false when it is not there. */
  skip(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    this.#skipSpace();
    return true;
  }

  token(): string | undefined {
    const start = this.#at;
    while (isToken(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at > start ? this.#text.slice(start, this.#at) : undefined;
  }

  /** RFC 6455 §9.1: a quoted string whose value, after unescaping, is a token. */
  quotedToken(): string | undefined {
    if (this.#text[this.#at] !== '"') return undefined;
    this.#at++;
    let value = '';
    while (this.#at < this.#text.length) {
      let character = this.#text[this.#at++];
      if (character === '"') return value === '' ? undefined : value;
      if (character === '\\') character = this.#text[this.#at++];
      if (character === undefined || !isToken(character)) return undefined;
      value += character;
    }
    return undefined;
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at++;
  }
}
