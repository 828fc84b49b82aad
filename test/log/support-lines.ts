// Lines as a room writes them.

export function line(seq: number, text = `message ${seq}`): string {
  return `${JSON.stringify({ type: 'message', seq, at: 1_763_798_400_000, id: 'a1', nick: 'bob', text })}\n`;
}

export function notice(seq: number, text: string): string {
  return `${JSON.stringify({ type: 'notice', seq, at: 1_763_798_400_000, text })}\n`;
}

export function seqs(text: string): number[] {
  return [...text.matchAll(/"seq":(\d+),/g)].map((match) => Number(match[1]));
}

export function rises(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n > (numbers[i - 1] ?? 0));
}

/** A small generator (mulberry32), so that a failing run can be repeated from its seed. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
