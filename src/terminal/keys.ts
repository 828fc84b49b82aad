// Turns what a terminal sends into keys: text, a paste, or something to do. Pure: text in, keys out.
// What it does not know it drops; a half of a sequence waits for its other half.

export type Action =
  | 'submit'
  | 'newline'
  | 'complete'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'previous'
  | 'next'
  | 'erase-left'
  | 'erase-right'
  | 'erase-word'
  | 'erase-to-start'
  | 'erase-to-end'
  | 'interrupt'
  | 'end-of-input'
  | 'clear'
  | 'suspend';

export type Key =
  | { readonly type: 'text' | 'paste'; readonly text: string }
  | { readonly type: 'action'; readonly action: Action };

const ACTIONS = new Map<string, Action>([
  ['\r', 'submit'],
  ['\n', 'submit'],
  ['\x1b\r', 'newline'],
  ['\t', 'complete'],
  ['\x02', 'left'],
  ['\x1b[D', 'left'],
  ['\x1bOD', 'left'],
  ['\x06', 'right'],
  ['\x1b[C', 'right'],
  ['\x1bOC', 'right'],
  ['\x1bb', 'word-left'],
  ['\x1b[1;5D', 'word-left'],
  ['\x1b[1;3D', 'word-left'],
  ['\x1bf', 'word-right'],
  ['\x1b[1;5C', 'word-right'],
  ['\x1b[1;3C', 'word-right'],
  ['\x01', 'home'],
  ['\x1b[H', 'home'],
  ['\x1bOH', 'home'],
  ['\x1b[1~', 'home'],
  ['\x1b[7~', 'home'],
  ['\x05', 'end'],
  ['\x1b[F', 'end'],
  ['\x1bOF', 'end'],
  ['\x1b[4~', 'end'],
  ['\x1b[8~', 'end'],
  ['\x10', 'previous'],
  ['\x1b[A', 'previous'],
  ['\x1bOA', 'previous'],
  ['\x0e', 'next'],
  ['\x1b[B', 'next'],
  ['\x1bOB', 'next'],
  ['\x7f', 'erase-left'],
  ['\b', 'erase-left'],
  ['\x1b[3~', 'erase-right'],
  ['\x17', 'erase-word'],
  ['\x1b\x7f', 'erase-word'],
  ['\x15', 'erase-to-start'],
  ['\x0b', 'erase-to-end'],
  ['\x03', 'interrupt'],
  ['\x04', 'end-of-input'],
  ['\x0c', 'clear'],
  ['\x1a', 'suspend'],
]);

// xterm's bracketed paste: what lies between these two was pasted, not typed.
const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';
/** Far beyond any message; the rest of a paste that has no end is not kept. */
const MAX_PASTE_UNITS = 256 * 1024;

// ECMA-48 §5.4: a control sequence is CSI, parameters, intermediates and a final character. `[[` is the Linux console's.
const SEQUENCE = /^\x1b(?:\[\[.|\[[0-?]*[ -/]*[@-~]|O[ -~]|[^[O\x1b])/su;
const HALF_A_SEQUENCE = /^\x1b(?:\[[0-?]*[ -/]*|O|\[\[)?$/;
const TEXT = /^[^\x00-\x1f\x7f]+/;

export class KeyDecoder {
  #held = '';
  #paste: string | undefined;

  /** Whether an Escape waits to be known for the key of that name or the start of a sequence. */
  get waits(): boolean {
    return this.#paste === undefined && this.#held !== '';
  }

  decode(chunk: string): Key[] {
    this.#held += chunk;
    const keys: Key[] = [];
    for (let more = true; more && this.#held !== ''; ) {
      more = this.#paste === undefined ? this.#decodeTyped(keys) : this.#decodePaste(keys);
    }
    return keys;
  }

  /** No other half has come: what is held was the Escape key, which does nothing, and text. */
  settle(): Key[] {
    if (!this.waits) return [];
    const rest = this.#held.slice(1);
    this.#held = '';
    return this.decode(rest);
  }

  #decodeTyped(keys: Key[]): boolean {
    if (HALF_A_SEQUENCE.test(this.#held)) return false;
    const sequence = SEQUENCE.exec(this.#held)?.[0] ?? TEXT.exec(this.#held)?.[0] ?? this.#held.slice(0, 1);
    this.#held = this.#held.slice(sequence.length);
    const action = ACTIONS.get(sequence);
    if (sequence === PASTE_START) this.#paste = '';
    else if (action !== undefined) keys.push({ type: 'action', action });
    else if (TEXT.test(sequence)) pushText(keys, sequence);
    return true;
  }

  #decodePaste(keys: Key[]): boolean {
    const end = this.#held.indexOf(PASTE_END);
    // Without its end, the last characters may be the beginning of it.
    const known = end === -1 ? Math.max(0, this.#held.length - PASTE_END.length + 1) : end;
    this.#paste = ((this.#paste ?? '') + this.#held.slice(0, known)).slice(0, MAX_PASTE_UNITS);
    this.#held = this.#held.slice(known);
    if (end === -1) return false;
    keys.push({ type: 'paste', text: pastedText(this.#paste) });
    this.#paste = undefined;
    this.#held = this.#held.slice(PASTE_END.length);
    return true;
  }
}

/** Text that goes on is one key: each costs whoever edits the length of the whole line. */
function pushText(keys: Key[], text: string): void {
  const last = keys.at(-1);
  if (last?.type === 'text') keys[keys.length - 1] = { type: 'text', text: last.text + text };
  else keys.push({ type: 'text', text });
}

/** Terminals send a carriage return for a pasted newline. The newline after a last whole line was not meant. */
function pastedText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
}
