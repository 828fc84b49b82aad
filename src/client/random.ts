// Random texts that nobody can guess. Not randomUUID: a page that came without TLS has none.

/** `bytes` random bytes, two hexadecimal digits each. */
export function randomHex(bytes: number): string {
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), hex).join('');
}
