// Agrees on permessage-deflate's parameters (RFC 7692 §7.1): a server's answer to offers, a client's offer, and a
// client's check of the answer. Pure; never compresses anything.
import type { Agreement } from './compression.ts';
import type { ExtensionOffer } from './extension-header.ts';

/** What one side wants; the same for both roles. An empty object asks for what is best by default. */
export interface CompressionOptions {
  readonly serverNoContextTakeover?: boolean | undefined;
  readonly clientNoContextTakeover?: boolean | undefined;
  /** 8 to 15. */
  readonly serverMaxWindowBits?: number | undefined;
  /** 8 to 15. */
  readonly clientMaxWindowBits?: number | undefined;
  /** Messages shorter than this are sent as they are. */
  readonly compressFrom?: number | undefined;
}

export interface Answer {
  /** The value of the response's Sec-WebSocket-Extensions. */
  readonly header: string;
  readonly agreement: Agreement;
}

interface Parameters {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  serverMaxWindowBits: number | undefined;
  /** `true`: named without a value, which only an offer may do. */
  clientMaxWindowBits: number | true | undefined;
}

const NAME = 'permessage-deflate';
const MAX_BITS = 15;

/** RFC 7692 §5.1: answers the first offer that is acceptable; `undefined` declines them all. */
export function answerOffers(offers: readonly ExtensionOffer[], options: CompressionOptions): Answer | undefined {
  for (const offer of offers) {
    // §7.1: an offer with an unknown, doubled or invalid parameter is declined.
    const wanted = offer.name === NAME ? readParameters(offer) : undefined;
    if (wanted !== undefined) return answer(wanted, options);
  }
  return undefined;
}

function answer(offer: Parameters, options: CompressionOptions): Answer {
  // Without takeovers one compressed message serves a whole room, and no connection keeps a window.
  const serverNoContextTakeover = offer.serverNoContextTakeover || (options.serverNoContextTakeover ?? true);
  const clientNoContextTakeover = offer.clientNoContextTakeover || (options.clientNoContextTakeover ?? true);
  const serverBits = Math.min(offer.serverMaxWindowBits ?? MAX_BITS, options.serverMaxWindowBits ?? MAX_BITS);
  // §7.1.2.2: a client that does not name client_max_window_bits cannot be limited.
  const clientBits =
    offer.clientMaxWindowBits === undefined
      ? MAX_BITS
      : Math.min(
          offer.clientMaxWindowBits === true ? MAX_BITS : offer.clientMaxWindowBits,
          options.clientMaxWindowBits ?? MAX_BITS,
        );
  let header = NAME;
  if (serverNoContextTakeover) header += '; server_no_context_takeover';
  if (clientNoContextTakeover) header += '; client_no_context_takeover';
  // §7.1.2.1: an offered server_max_window_bits is accepted by naming it, with the same or a smaller value.
  if (offer.serverMaxWindowBits !== undefined || serverBits < MAX_BITS)
    header += `; server_max_window_bits=${serverBits}`;
  if (clientBits < MAX_BITS) header += `; client_max_window_bits=${clientBits}`;
  return {
    header,
    agreement: {
      own: { contextTakeover: !serverNoContextTakeover, windowBits: serverBits },
      peer: { contextTakeover: !clientNoContextTakeover, windowBits: clientBits },
    },
  };
}

/** The value of a request's Sec-WebSocket-Extensions. */
export function offerHeader(options: CompressionOptions): string {
  let header = NAME;
  if (options.serverNoContextTakeover === true) header += '; server_no_context_takeover';
  if (options.clientNoContextTakeover === true) header += '; client_no_context_takeover';
  if (options.serverMaxWindowBits !== undefined) header += `; server_max_window_bits=${options.serverMaxWindowBits}`;
  header += '; client_max_window_bits';
  if (options.clientMaxWindowBits !== undefined) header += `=${options.clientMaxWindowBits}`;
  return header;
}

/**
 * What a server's answer to `offerHeader(options)` makes of the connection: `undefined` for no extension,
 * `'invalid'` for an answer that a client has to fail on.
 */
export function readAnswer(
  extensions: readonly ExtensionOffer[],
  options: CompressionOptions | undefined,
): Agreement | undefined | 'invalid' {
  const extension = extensions[0];
  if (extension === undefined) return undefined;
  // RFC 6455 §4.1: nothing that was not offered. RFC 7692 §5: no extension twice.
  if (options === undefined || extensions.length > 1 || extension.name !== NAME) return 'invalid';
  const chosen = readParameters(extension);
  if (chosen === undefined || !fits(chosen, options)) return 'invalid';
  const clientBits = Math.min(
    typeof chosen.clientMaxWindowBits === 'number' ? chosen.clientMaxWindowBits : MAX_BITS,
    options.clientMaxWindowBits ?? MAX_BITS,
  );
  return {
    own: {
      // §7.1.1.2: a client that has offered to do without does without.
      contextTakeover: !chosen.clientNoContextTakeover && options.clientNoContextTakeover !== true,
      windowBits: clientBits,
    },
    peer: { contextTakeover: !chosen.serverNoContextTakeover, windowBits: chosen.serverMaxWindowBits ?? MAX_BITS },
  };
}

function fits(chosen: Parameters, options: CompressionOptions): boolean {
  // §7.1.1.1, §7.1.2.1: what the offer asks of the server is accepted by naming it.
  if (options.serverNoContextTakeover === true && !chosen.serverNoContextTakeover) return false;
  if (options.serverMaxWindowBits !== undefined) {
    if (chosen.serverMaxWindowBits === undefined) return false;
    if (chosen.serverMaxWindowBits > options.serverMaxWindowBits) return false;
  }
  // §7.1.2.2: in an answer the client's window has a size, never more than the offer's.
  if (chosen.clientMaxWindowBits === true) return false;
  return (chosen.clientMaxWindowBits ?? 0) <= (options.clientMaxWindowBits ?? MAX_BITS);
}

/** `undefined` for a parameter that is unknown, there twice, or has a value that it must not have. */
function readParameters(extension: ExtensionOffer): Parameters | undefined {
  const result: Parameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  };
  const seen = new Set<string>();
  for (const { name, value } of extension.parameters) {
    if (seen.has(name)) return undefined;
    seen.add(name);
    const bits = windowBits(value);
    if (name === 'server_no_context_takeover' && value === undefined) result.serverNoContextTakeover = true;
    else if (name === 'client_no_context_takeover' && value === undefined) result.clientNoContextTakeover = true;
    else if (name === 'server_max_window_bits' && bits !== undefined) result.serverMaxWindowBits = bits;
    else if (name === 'client_max_window_bits' && bits !== undefined) result.clientMaxWindowBits = bits;
    else if (name === 'client_max_window_bits' && value === undefined) result.clientMaxWindowBits = true;
    else return undefined;
  }
  return result;
}

/** §7.1.2: a decimal number from 8 to 15 without leading zeros. */
function windowBits(value: string | undefined): number | undefined {
  return value !== undefined && /^([89]|1[0-5])$/.test(value) ? Number(value) : undefined;
}
