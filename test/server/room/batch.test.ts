import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeLines, framesOf } from '../../../src/server/room/line-frames.ts';

// A batch of any size becomes frames of whole lines, at most 64 KiB each, that together are the batch.

function line(bytes: number): string {
  return `${'x'.repeat(bytes - 1)}\n`;
}

function framed(sizes: readonly number[]) {
  const frames = framesOf(encodeLines(sizes.map(line).join('')));
  return frames.map(({ message, offset }) => ({ text: message.payload.toString(), offset }));
}

it('cuts at exactly 64 KiB', () => {
  expect(framed([40_000, 25_536])).toHaveLength(1);
  expect(framed([40_000, 25_537]).map(({ offset }) => offset)).toEqual([0, 40_000]);
});

it('loses nothing, cuts between lines only, and says where each frame begins', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 48 * 1024 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const frames = framed(sizes);
      let offset = 0;
      for (const frame of frames) {
        expect(frame.offset).toBe(offset);
        expect(frame.text.length).toBeLessThanOrEqual(64 * 1024);
        expect(frame.text.endsWith('\n')).toBe(true);
        offset += frame.text.length;
      }
      const text = frames.map((frame) => frame.text).join('');
      expect(text === sizes.map(line).join('')).toBe(true);
    }),
    { numRuns: 100 },
  );
});
