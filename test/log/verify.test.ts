import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Problem, verifyRoom } from '../../src/log/index.ts';
import { nobody, opened, temporaryFolder } from './support.ts';
import { line, notice } from './support-lines.ts';

async function verified(content: string | Buffer) {
  const path = temporaryFolder();
  const { directory } = await opened(path);
  await (await directory.create('lobby', { created: 5 }, nobody)).close();
  const file = join(path, 'rooms', 'lobby', 'log.ndjson');
  writeFileSync(file, content);
  const problems: Problem[] = [];
  const result = await verifyRoom(path, 'lobby', (problem) => problems.push(problem));
  expect(readFileSync(file).equals(Buffer.from(content))).toBe(true);
  return { result, problems };
}

it('finds nothing wrong with a sound log of many chunks', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) =>
    i % 5 === 0 ? notice(2 * i + 1, 'ä') : line(2 * i + 1, 'x'.repeat(i)),
  );
  const content = lines.join('');
  const { result, problems } = await verified(content);
  expect(problems).toEqual([]);
  expect(result).toEqual({ bytes: Buffer.byteLength(content), summed: 0, lines: 3000, problems: 0, lastSeq: 5999 });
});

it.each([
  ['not JSON', '{"type":"message","seq":2,"at":1,\n'],
  ['not an object', '7\n'],
  ['neither a message nor a notice', '{"type":"left","seq":2,"at":1,"id":"a","nick":"b","text":"c"}\n'],
  ['without a valid seq', '{"type":"notice","seq":1.5,"at":1,"text":"c"}\n'],
  ['without a time', '{"type":"notice","seq":2,"text":"c"}\n'],
  ['without an id', '{"type":"message","seq":2,"at":1,"text":"c"}\n'],
  ['ref is not a string', '{"type":"message","seq":2,"at":1,"id":"a","nick":"b","text":"c","ref":3}\n'],
  ['does not rise', line(1)],
  ['NUL', '\0\0\0\n'],
  ['more than', line(2, 'x'.repeat(60_000))],
  ['more than', line(2, 'x'.repeat(600_000))],
])('says where a line is wrong: %s', async (reason, bad) => {
  const { result, problems } = await verified(line(1) + bad + line(3));
  expect(problems).toEqual([{ offset: line(1).length, reason: expect.stringContaining(reason) }]);
  expect(result).toMatchObject({ lines: 3, problems: 1, lastSeq: 3 });
});

it('says where bytes are not UTF-8, and where the log is torn', async () => {
  const bad = Buffer.from(line(2, '??'));
  bad[bad.indexOf('??')] = 0xff;
  const { problems } = await verified(Buffer.concat([Buffer.from(line(1)), bad, Buffer.from('{"type":"mess')]));
  expect(problems).toEqual([
    { offset: line(1).length, reason: 'line that is not UTF-8' },
    { offset: line(1).length + bad.length, reason: 'the last line has no end' },
  ]);
});
