import { beforeEach, expect, it } from 'vitest';
import { Turn } from '../../../src/server/common/turn.ts';
import { Console, formatJson, formatText } from '../../../src/server/reporting/console.ts';
import { BentClock } from '../bent-clock.ts';

// The console never makes the server wait: what its reader does not take is kept up to 1 MiB, then dropped and counted.

const MIB = 1024 * 1024;
let written: string;
let accepts: number;
let closed: boolean;
let clock: BentClock;
let turn: Turn;
let print: (message: string) => void;

beforeEach(() => {
  written = '';
  accepts = Number.POSITIVE_INFINITY;
  closed = false;
  clock = new BentClock();
  turn = new Turn();
  const write = (bytes: Buffer): number => {
    if (closed) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    if (accepts <= 0) throw Object.assign(new Error('write EAGAIN'), { code: 'EAGAIN' });
    const taken = bytes.subarray(0, accepts);
    accepts -= taken.length;
    written += taken.toString();
    return taken.length;
  };
  const output = new Console(turn, clock, formatJson, write);
  print = (message) => output.print({ event: 'warning', at: clock.now(), message });
});

it('writes once a turn', () => {
  print('a');
  print('b');
  expect(written).toBe('');
  turn.end();
  expect(written.trimEnd().split('\n')).toHaveLength(2);
});

it('goes on with the byte where its reader stopped', () => {
  const text = '\u00e9'.repeat(1_000);
  accepts = 777;
  print(text);
  turn.end();
  expect(written.length).toBeLessThan(800);
  accepts = Number.POSITIVE_INFINITY;
  clock.advance(1_000);
  turn.end();
  expect(written.endsWith('"}\n')).toBe(true);
});

it('keeps 1 MiB for a reader that has stopped, drops what is beyond, and says how much that was', () => {
  accepts = 0;
  const line = 'x'.repeat(1_000);
  for (let i = 0; i < 3_000; i++) {
    print(line);
    if (i % 10 === 0) turn.end();
  }
  turn.end();
  accepts = Number.POSITIVE_INFINITY;
  clock.advance(1_000);
  turn.end();
  const lines = written.trimEnd().split('\n');
  const kept = lines.filter((text) => text.includes(line)).length;
  expect(Buffer.byteLength(written)).toBeLessThan(MIB + 5_000);
  expect(kept).toBeGreaterThan(900);
  expect(lines.at(-1)).toContain(`${3_000 - kept} console lines were dropped`);
  print('after');
  turn.end();
  expect(written).toContain('"after"');
});

it('says nothing more once its reader has left', () => {
  closed = true;
  print('a');
  turn.end();
  closed = false;
  print('b');
  clock.advance(10_000);
  turn.end();
  expect(written).toBe('');
});

it('has one line for one event, whatever a text holds', () => {
  const text = 'a\nb\r\u2028c\u0085\u001b]0;title\u0007\u202e';
  const event = { event: 'message', at: 0, room: 'r', nick: 'n', text, line: '' } as const;
  const line = formatText(event);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
});
