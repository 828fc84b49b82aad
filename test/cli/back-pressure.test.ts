// Who holds a producer back, and when it goes on, by real streams that nobody reads.

import { PassThrough } from 'node:stream';
import { beforeEach, expect, it } from 'vitest';
import { BackPressure, SharedProducer } from '../../src/cli/back-pressure.ts';

let told: string[];
const producer = {
  pause: () => void told.push('pause'),
  resume: () => void told.push('resume'),
};
beforeEach(() => {
  told = [];
});

const TOO_MUCH = 'x'.repeat(512 * 1024);

/** A stream of which something waits until it is read. */
function stalled(): PassThrough {
  const stream = new PassThrough({ highWaterMark: 1 });
  stream.write(TOO_MUCH);
  stream.write(TOO_MUCH);
  return stream;
}

it('pauses once while more than 256 KiB wait, and goes on when the stream has drained', async () => {
  const quick = new PassThrough();
  const slow = stalled();
  const pressure = new BackPressure(producer, [quick, slow]);
  pressure.check();
  pressure.check();
  expect(told).toEqual(['pause']);
  slow.resume();
  await new Promise((resolve) => slow.once('drain', resolve));
  expect(told).toEqual(['pause', 'resume']);
  pressure.check();
  expect(told).toEqual(['pause', 'resume']);
});

it('waits for every stream, but for none that has failed', () => {
  const [one, other] = [stalled(), stalled()];
  one.on('error', () => {});
  const pressure = new BackPressure(producer, [one, other]);
  pressure.check();
  one.emit('error', new Error('EPIPE'));
  expect(told).toEqual(['pause']);
  other.emit('drain');
  expect(told).toEqual(['pause', 'resume']);
  expect([one, other].map((stream) => stream.listenerCount('close'))).toEqual(
    [new PassThrough(), new PassThrough()].map((stream) => stream.listenerCount('close')),
  );
});

it('goes on when the last of those that hold the producer back lets go', () => {
  const shared = new SharedProducer(producer);
  const [one, other] = [shared.share(), shared.share()];
  one.pause();
  one.pause();
  other.pause();
  one.resume();
  one.resume();
  expect(told).toEqual(['pause']);
  other.resume();
  other.resume();
  expect(told).toEqual(['pause', 'resume']);
});
